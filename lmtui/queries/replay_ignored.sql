-- Relations whose changes are no data: tables of extensions, and materialized views, whose concurrent
-- refresh is decoded like changes of a table (they are refreshed at the cutover).
select n.nspname::text, c.relname::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'm'
   or (c.relkind in ('r', 'p')
       and exists (select from pg_depend d
                   where d.classid = 'pg_class'::regclass
                     and d.objid = c.oid
                     and d.refclassid = 'pg_extension'::regclass
                     and d.deptype = 'e'))
