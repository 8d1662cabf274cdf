-- The extensions of this database. plpgsql is in every database.
select extname::text, extversion from pg_extension where extname <> 'plpgsql'
