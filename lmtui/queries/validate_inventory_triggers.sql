-- Triggers of users, and whether they fire. TimescaleDB puts its own on hypertables.
select 'trigger',
       quote_ident(g.tgname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       pg_get_triggerdef(g.oid)
         || case g.tgenabled when 'D' then ' (disabled)' when 'R' then ' (replica)'
                             when 'A' then ' (always)' else '' end
from pg_trigger g
join pg_proc p on p.oid = g.tgfoid
join pg_namespace pn on pn.oid = p.pronamespace
join pg_class c on c.oid = g.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not g.tgisinternal
  and pn.nspname !~ '^_timescaledb_'
  and c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
