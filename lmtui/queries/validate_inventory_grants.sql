-- Rights on schemas, relations, their columns and functions, but for what owners have by themselves.
with found(kind, name, relation, owner, acl, object, class) as (
    select 'schema', quote_ident(n.nspname), '', n.nspowner,
           coalesce(n.nspacl, acldefault('n', n.nspowner)), n.oid, 'pg_namespace'::regclass
    from pg_namespace n
    where n.nspname !~ %(hidden_schemas)s
    union all
    select case c.relkind when 'S' then 'sequence' else 'table' end,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname),
           quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relowner,
           coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char",
                                         c.relowner)),
           c.oid, 'pg_class'::regclass
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
    union all
    select case p.prokind when 'p' then 'procedure' else 'function' end,
           quote_ident(n.nspname) || '.' || quote_ident(p.proname)
             || '(' || pg_get_function_identity_arguments(p.oid) || ')',
           '', p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), p.oid,
           'pg_proc'::regclass
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ %(hidden_schemas)s
)
select 'right', g.what || case when g.is_grantable then ' with grant option' else '' end,
       g.relation, 'grant ' || g.what || case when g.is_grantable then ' with grant option' else '' end
from (
    select format('%%s on %%s %%s to %%s', lower(a.privilege_type), f.kind, f.name,
                  case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
               as what,
           f.relation, bool_or(a.is_grantable) as is_grantable
    from found f
    cross join lateral aclexplode(f.acl) a
    where a.grantee <> f.owner
      and not exists (select from pg_depend d
                      where d.classid = f.class and d.objid = f.object and d.deptype = 'e')
    group by 1, 2
    union all
    select format('%%s (%%I) on table %%I.%%I to %%s', lower(a.privilege_type), k.attname,
                  n.nspname, c.relname,
                  case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end),
           quote_ident(n.nspname) || '.' || quote_ident(c.relname), bool_or(a.is_grantable)
    from pg_attribute k
    join pg_class c on c.oid = k.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(k.attacl) a
    where k.attacl is not null and not k.attisdropped and n.nspname !~ %(hidden_schemas)s
    group by 1, 2
) g
