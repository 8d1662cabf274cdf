-- Tables that others inherit from, other than partitioned tables and hypertables, whose children are
-- partitions and chunks.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), count(*)::int
  from pg_inherits i
  join pg_class k on k.oid = i.inhrelid
  join pg_namespace kn on kn.oid = k.relnamespace
  join pg_class c on c.oid = i.inhparent
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and not k.relispartition and k.relkind = 'r'
   and kn.nspname !~ '^_timescaledb_'
   and c.oid <> all (%(hypertables)s::bigint[])
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 group by 1
 order by 1
