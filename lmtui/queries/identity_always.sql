-- Identity columns of users that refuse a given value in an UPDATE.
select n.nspname::text, c.relname::text, a.attname::text
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where a.attidentity = 'a'
  and not a.attisdropped
  and c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname <> 'lmtui'
  and n.nspname not like '\_timescaledb\_%'
