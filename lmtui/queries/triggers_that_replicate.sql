-- Triggers and rules that session_replication_role does not silence: the kind, the relation (with
-- ONLY where it has partitions, which are listed themselves), the name, and A (always) or R
-- (replica). TimescaleDB's own are not touched; a hypertable passes its triggers' state on.
with hypertable as (
    select unnest(%(hypertables)s::bigint[])::oid as oid
), relation as (
    select c.oid, case when c.relkind = 'p' then 'only ' else '' end
                  || quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
           (select i.inhparent from pg_inherits i join hypertable h on h.oid = i.inhparent
             where i.inhrelid = c.oid) as root
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'f')
       and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional)$'
       and n.nspname <> 'toolkit_experimental'
)
select 'trigger', r.name, quote_ident(t.tgname), t.tgenabled::text
  from pg_trigger t
  join relation r on r.oid = t.tgrelid
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace n on n.oid = p.pronamespace
 where t.tgenabled in ('A', 'R') and not t.tgisinternal and n.nspname !~ '^_timescaledb_'
   and not exists (select from pg_trigger u
                    where u.tgrelid = r.root and u.tgname = t.tgname and u.tgenabled = t.tgenabled)
union all
select 'rule', r.name, quote_ident(w.rulename), w.ev_enabled::text
  from pg_rewrite w
  join relation r on r.oid = w.ev_class
 where w.ev_enabled in ('A', 'R') and w.rulename <> '_RETURN'
 order by 2, 1, 3
