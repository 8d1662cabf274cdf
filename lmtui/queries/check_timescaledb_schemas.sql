-- The schemas of TimescaleDB and its toolkit.
select e.extname::text, n.nspname::text
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace
 where e.extname in ('timescaledb', 'timescaledb_toolkit')
 order by 1
