-- Hypertables with a tiered chunk: a foreign table among their chunks.
select distinct i.inhparent::regclass::text
  from pg_inherits i
  join pg_foreign_table f on f.ftrelid = i.inhrelid
  join pg_foreign_server s on s.oid = f.ftserver
  join pg_foreign_data_wrapper w on w.oid = s.srvfdw
 where w.fdwname = 'timescaledb_osm' or s.srvname ~ '^(osm|tiered)'
 order by 1
