-- Triggers and rules of users' tables; A fires always, R for replicas only, O for ordinary sessions.
-- TimescaleDB's own, whose functions are in its schemas, are not told: their names change.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(t.tgname),
       t.tgenabled::text, 'trigger'
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace f on f.oid = p.pronamespace
 where not t.tgisinternal and t.tgenabled <> 'D'
   and f.nspname !~ '^_timescaledb_'
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
union all
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(r.rulename),
       r.ev_enabled::text, 'rule'
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
 where r.rulename <> '_RETURN' and r.ev_enabled <> 'D' and c.relkind in ('r', 'p')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 order by 1, 2
