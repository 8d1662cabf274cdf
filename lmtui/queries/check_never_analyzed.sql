-- Tables with rows that no ANALYZE has seen. An estimate that is negative, or 0 with pages in use, is
-- none.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.reltuples <= 0
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and pg_stat_get_tuples_inserted(c.oid) > 0
   and pg_stat_get_last_analyze_time(c.oid) is null
   and pg_stat_get_last_autoanalyze_time(c.oid) is null
   and not exists (select from pg_inherits i where i.inhparent = c.oid)
 order by pg_stat_get_tuples_inserted(c.oid) desc, 1
 limit 1000
