-- The columns of a table that a row can be inserted with, and their types.
select attname::text, format_type(atttypid, atttypmod)
from pg_attribute
where attrelid = to_regclass(%(relation)s)
  and attnum > 0 and not attisdropped and attgenerated = ''
