-- Tables of the access method hypercore, and distributed hypertables.
select 'hypercore table', c.oid::regclass::text
  from pg_class c
  join pg_am a on a.oid = c.relam
 where a.amname = 'hypercore'
union all
select 'distributed hypertable', format('%I.%I', schema_name, table_name)
  from _timescaledb_catalog.hypertable h
 where (to_jsonb(h) ->> 'replication_factor')::int > 0
 order by 1, 2
 limit 100
