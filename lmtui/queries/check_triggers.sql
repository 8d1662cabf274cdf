-- Triggers and rules of users' tables; A fires always, R for replicas only, O for ordinary sessions.
-- Those that TimescaleDB puts on hypertables are its own.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(t.tgname), t.tgenabled::text, 'trigger'
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
 where not t.tgisinternal and t.tgenabled <> 'D'
   and t.tgname not in ('ts_insert_blocker', 'ts_cagg_invalidation_trigger')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
union all
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(r.rulename), r.ev_enabled::text, 'rule'
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
 where r.rulename <> '_RETURN' and r.ev_enabled <> 'D' and c.relkind in ('r', 'p')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 order by 1, 2
