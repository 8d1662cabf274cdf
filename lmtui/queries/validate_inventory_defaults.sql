-- Default privileges: what roles get on objects that are yet to be made.
select 'default privilege', w.what, '', 'alter default privileges ' || w.what
from (
    select format('for role %%I%%s grant %%s on %%s to %%s%%s', pg_get_userbyid(d.defaclrole),
                  case when d.defaclnamespace = 0 then ''
                       else ' in schema ' || quote_ident(n.nspname) end,
                  lower(a.privilege_type),
                  case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                                       when 'f' then 'functions' when 'T' then 'types'
                                       else 'schemas' end,
                  case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                  case when a.is_grantable then ' with grant option' else '' end) as what
    from pg_default_acl d
    left join pg_namespace n on n.oid = d.defaclnamespace
    cross join lateral aclexplode(d.defaclacl) a
    where d.defaclobjtype in ('r', 'S', 'f', 'T', 'n')
      and a.grantee <> d.defaclrole
      and coalesce(n.nspname, '') !~ %(hidden_schemas)s
) w
