-- Relations in TimescaleDB's schemas that are neither its own nor a chunk, a materialization or
-- compressed storage.
select format('%I.%I', n.nspname, c.relname)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('_timescaledb_internal', '_timescaledb_catalog', '_timescaledb_config')
   and c.relkind in ('r', 'p', 'm', 'f')
   and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid
                      and d.deptype = 'e')
   and not exists (select from pg_inherits i where i.inhrelid = c.oid)
   and c.relname !~ '^(_materialized_hypertable_|_compressed_hypertable_|compress_hyper_|bgw_)'
   and c.relname !~ '_compressed$'
   and not exists (select from _timescaledb_catalog.hypertable h
                    where h.schema_name = n.nspname and h.table_name = c.relname)
 order by 1
 limit 50
