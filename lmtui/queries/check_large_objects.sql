-- Large objects: their changes are not decoded.
select count(*)::bigint from pg_largeobject_metadata
