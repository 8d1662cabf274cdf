-- Who owns schemas, relations, functions and types. Sequences of columns follow their tables.
with found(kind, name, relation, owner, object, class) as (
    select 'schema', quote_ident(n.nspname), '', n.nspowner, n.oid, 'pg_namespace'::regclass
    from pg_namespace n
    where n.nspname !~ %(hidden_schemas)s and n.nspname <> 'public'
    union all
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                          when 'S' then 'sequence' when 'f' then 'foreign table' else 'table' end,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname),
           quote_ident(n.nspname) || '.' || quote_ident(c.relname),
           c.relowner, c.oid, 'pg_class'::regclass
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and c.relpersistence <> 't'
      and n.nspname !~ %(hidden_schemas)s
      and not exists (select from pg_inherits i
                      where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
      and not exists (select from pg_attribute a
                      where a.attrelid = c.oid
                        and a.atttypid = to_regtype('_timescaledb_internal.compressed_data'))
      and not exists (select from pg_depend d
                      where c.relkind = 'S' and d.classid = 'pg_class'::regclass
                        and d.objid = c.oid and d.deptype in ('a', 'i'))
    union all
    select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end,
           quote_ident(n.nspname) || '.' || quote_ident(p.proname)
             || '(' || pg_get_function_identity_arguments(p.oid) || ')',
           '', p.proowner, p.oid, 'pg_proc'::regclass
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ %(hidden_schemas)s
    union all
    select case t.typtype when 'd' then 'domain' else 'type' end,
           quote_ident(n.nspname) || '.' || quote_ident(t.typname), '', t.typowner, t.oid,
           'pg_type'::regclass
    from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    where n.nspname !~ %(hidden_schemas)s
      and (t.typtype in ('e', 'd')
           or t.typtype = 'c' and exists (select from pg_class c
                                          where c.oid = t.typrelid and c.relkind = 'c'))
)
select 'owner', f.kind || ' ' || f.name, f.relation,
       format('alter %%s %%s owner to %%I', f.kind, f.name, pg_get_userbyid(f.owner))
from found f
where not exists (select from pg_depend d
                  where d.classid = f.class and d.objid = f.object and d.deptype = 'e')
