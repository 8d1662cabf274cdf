-- Statements that drop all that is not an extension's: schemas whole, but for public, whose contents
-- go one by one, since extensions may live there. What depends on an extension, or belongs to another
-- object, has objsubid 0 there; a partitioned table's own key columns depend on it with theirs.
with foreign_to_extensions as (
    select 'pg_class'::regclass as classid, c.oid, n.nspname, c.relname as name,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end as kind,
           '' as arguments
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select 'pg_proc'::regclass, p.oid, n.nspname, p.proname, 'routine',
           '(' || pg_get_function_identity_arguments(p.oid) || ')'
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind <> 'a'
    union all
    select 'pg_type'::regclass, t.oid, n.nspname, t.typname, 'type', ''
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c')
)
select format('drop schema if exists %I cascade', n.nspname)
from pg_namespace n
where n.nspname not in ('public', 'information_schema', 'pg_catalog', 'pg_toast')
  and n.nspname not like 'pg\_%'
  and not exists (select from pg_depend d
                  where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
  and not exists (select from pg_extension e where e.extnamespace = n.oid)
union all
select format('drop %s if exists %I.%I%s cascade', o.kind, o.nspname, o.name, o.arguments)
from foreign_to_extensions o
where o.nspname = 'public'
  and not exists (select from pg_depend d
                  where d.classid = o.classid and d.objid = o.oid and d.objsubid = 0
                    and d.deptype in ('e', 'i'))
