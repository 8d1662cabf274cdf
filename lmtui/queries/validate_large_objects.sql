-- Logical decoding carries no large objects.
select count(*) from pg_largeobject_metadata
