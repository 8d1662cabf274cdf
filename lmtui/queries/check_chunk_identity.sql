-- Chunks whose replica identity is not their hypertable's.
select format('%I.%I', kn.nspname, k.relname), format('%I.%I', n.nspname, c.relname),
       k.relreplident::text, c.relreplident::text
  from timescaledb_information.hypertables h
  join pg_namespace n on n.nspname = h.hypertable_schema
  join pg_class c on c.relnamespace = n.oid and c.relname = h.hypertable_name
  join pg_inherits i on i.inhparent = c.oid
  join pg_class k on k.oid = i.inhrelid
  join pg_namespace kn on kn.oid = k.relnamespace
 where k.relkind = 'r' and k.relreplident <> c.relreplident
 order by 2, 1
