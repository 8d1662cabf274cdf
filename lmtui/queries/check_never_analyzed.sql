-- Tables with rows that no ANALYZE has seen. An estimate that is negative, or 0, is none.
with schema as materialized (
    select n.oid, quote_ident(n.nspname) as name
      from pg_namespace n
     where n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
       and n.nspname <> 'toolkit_experimental'
), unknown as materialized (
    select c.oid, s.name || '.' || quote_ident(c.relname) as name
      from pg_class c
      join schema s on s.oid = c.relnamespace
     where c.relkind = 'r' and c.reltuples <= 0
       and c.oid not in (select inhparent from pg_inherits)
)
select u.name
  from unknown u
 cross join lateral (select pg_stat_get_tuples_inserted(u.oid) as inserted) s
 where s.inserted > 0
   and pg_stat_get_last_analyze_time(u.oid) is null
   and pg_stat_get_last_autoanalyze_time(u.oid) is null
 order by s.inserted desc, 1
 limit 1000
