-- The extensions of this database in the order of their creation: what one needs was there before.
select extname::text from pg_extension where extname <> 'plpgsql' order by oid
