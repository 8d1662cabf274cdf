-- Chunks with their status (compressed, partly compressed, frozen) and the table that holds their
-- compressed rows, where the chunk's own row names that: up to TimescaleDB 2.17. From 2.29 on the
-- catalog has relid instead of names.
with chunks as (
    select (c.j ->> 'id')::int as id,
           coalesce(c.j ->> 'schema_name', n.nspname::text) as schema,
           coalesce(c.j ->> 'table_name', r.relname::text) as name,
           coalesce((c.j ->> 'status')::int, 0) as status,
           (c.j ->> 'compressed_chunk_id')::int as compressed
    from (select to_jsonb(chunk) as j from _timescaledb_catalog.chunk) c
    left join pg_class r on r.oid = to_regclass(c.j ->> 'relid')
    left join pg_namespace n on n.oid = r.relnamespace
    where coalesce((c.j ->> 'dropped')::bool, false) = false
)
select c.schema, c.name, c.status, coalesce(k.schema, ''), coalesce(k.name, '')
from chunks c
left join chunks k on k.id = c.compressed
