-- The columns of a table as ALTER TABLE would write them, with their defaults.
select a.attname::text,
       format_type(a.atttypid, a.atttypmod),
       a.attgenerated <> '',
       case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end
from pg_attribute a
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = to_regclass(%(relation)s)
  and a.attnum > 0
  and not a.attisdropped
order by a.attnum
