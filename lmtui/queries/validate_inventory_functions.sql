-- Functions by identity, with a hash of what they do. prosrc is empty where the body was parsed
-- when the function was made; aggregates have no definition that could be read.
select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end,
       p.oid::regprocedure::text,
       '',
       md5(case when p.prokind = 'a' then ''
                when p.prosrc <> '' then concat_ws(' ', l.lanname, p.provolatile, p.prosecdef,
                                                   p.prosrc, p.probin)
                else pg_get_functiondef(p.oid) end)
from pg_proc p
join pg_language l on l.oid = p.prolang
join pg_namespace n on n.oid = p.pronamespace
where n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_depend d
                  where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
