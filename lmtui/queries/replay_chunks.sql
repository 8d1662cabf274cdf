-- Chunks with their tables. From TimescaleDB 2.29 on the catalog has relid instead of names.
select (c.j ->> 'id')::int,
       coalesce(c.j ->> 'schema_name', n.nspname::text),
       coalesce(c.j ->> 'table_name', r.relname::text),
       (c.j ->> 'hypertable_id')::int
from (select to_jsonb(chunk) as j from _timescaledb_catalog.chunk) c
left join pg_class r on r.oid = to_regclass(c.j ->> 'relid')
left join pg_namespace n on n.oid = r.relnamespace
where coalesce((c.j ->> 'dropped')::bool, false) = false
