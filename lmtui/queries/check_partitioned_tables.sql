-- Partitioned tables, their keys, and how many partitions each has.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_get_partkeydef(c.oid),
       (select count(*)::int from pg_inherits i where i.inhparent = c.oid)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'p' and not c.relispartition
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 order by 1
