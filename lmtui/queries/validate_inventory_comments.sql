-- Comments on schemas, relations, their columns, functions and types.
with found(what, relation, words) as (
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                          when 'S' then 'sequence' when 'f' then 'foreign table'
                          when 'i' then 'index' when 'I' then 'index'
                          when 'c' then 'type' else 'table' end
             || ' ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname),
           case when c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
                then quote_ident(n.nspname) || '.' || quote_ident(c.relname) else '' end,
           d.description
    from pg_description d
    join pg_class c on c.oid = d.objoid
    join pg_namespace n on n.oid = c.relnamespace
    where d.classoid = 'pg_class'::regclass and d.objsubid = 0 and n.nspname !~ %(hidden_schemas)s
    union all
    select 'column ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.'
             || quote_ident(a.attname),
           quote_ident(n.nspname) || '.' || quote_ident(c.relname), d.description
    from pg_description d
    join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
    join pg_class c on c.oid = d.objoid
    join pg_namespace n on n.oid = c.relnamespace
    where d.classoid = 'pg_class'::regclass and d.objsubid > 0 and n.nspname !~ %(hidden_schemas)s
    union all
    select 'schema ' || quote_ident(n.nspname), '', d.description
    from pg_description d
    join pg_namespace n on n.oid = d.objoid
    where d.classoid = 'pg_namespace'::regclass and n.nspname !~ %(hidden_schemas)s
      and n.nspname <> 'public'
    union all
    select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end
             || ' ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname)
             || '(' || pg_get_function_identity_arguments(p.oid) || ')', '', d.description
    from pg_description d
    join pg_proc p on p.oid = d.objoid
    join pg_namespace n on n.oid = p.pronamespace
    where d.classoid = 'pg_proc'::regclass and n.nspname !~ %(hidden_schemas)s
      and not exists (select from pg_depend e
                      where e.classid = d.classoid and e.objid = d.objoid and e.deptype = 'e')
    union all
    select case t.typtype when 'd' then 'domain' else 'type' end
             || ' ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname), '', d.description
    from pg_description d
    join pg_type t on t.oid = d.objoid and t.typtype in ('e', 'd')
    join pg_namespace n on n.oid = t.typnamespace
    where d.classoid = 'pg_type'::regclass and n.nspname !~ %(hidden_schemas)s
)
select 'comment', 'on ' || what, relation, format('comment on %%s is %%L', what, words)
from found
