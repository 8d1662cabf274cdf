-- What holds a chunk's compressed rows, and which chunk. Up to TimescaleDB 2.17 this is only in the
-- chunks themselves (compressed_chunk_id), from 2.29 on only here.
select cn.nspname::text, c.relname::text, kn.nspname::text, k.relname::text
from (select to_jsonb(s) as j from _timescaledb_catalog.compression_settings s) s
join pg_class c on c.oid = to_regclass(s.j ->> 'relid')
join pg_namespace cn on cn.oid = c.relnamespace
join pg_class k on k.oid = to_regclass(s.j ->> 'compress_relid')
join pg_namespace kn on kn.oid = k.relnamespace
