-- Columns of one relation with their types, in order.
select a.attname::text, format_type(a.atttypid, null)
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and c.relname = %(name)s and a.attnum > 0 and not a.attisdropped
order by a.attnum
