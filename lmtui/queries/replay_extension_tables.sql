-- Tables that belong to extensions.
select n.nspname::text, c.relname::text
from pg_depend d
join pg_class c on c.oid = d.objid
join pg_namespace n on n.oid = c.relnamespace
where d.classid = 'pg_class'::regclass
  and d.refclassid = 'pg_extension'::regclass
  and d.deptype = 'e'
  and c.relkind in ('r', 'p')
