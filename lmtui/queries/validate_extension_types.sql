-- Columns of users' relations whose type (or what it is an array or a domain of) comes from an
-- extension, with the extension and its version.
select n.nspname::text, c.relname::text, a.attname::text, e.extname::text, e.extversion::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
join pg_depend d on d.classid = 'pg_type'::regclass and d.deptype = 'e'
                and d.refclassid = 'pg_extension'::regclass
                and d.objid in (t.oid, t.typelem, t.typbasetype)
join pg_extension e on e.oid = d.refobjid
where c.relkind in ('r', 'p', 'm')
  and not c.relispartition
  and n.nspname !~ %(hidden_schemas)s
