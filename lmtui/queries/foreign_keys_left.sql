-- Foreign keys of the target that were made without being checked, the referenced tables' names last.
-- Those of partitions follow from their parents.
select n.nspname::text, c.relname::text, k.conname::text
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and not k.convalidated and k.conparentid = 0
order by c.relkind = 'r' desc, 1, 2, 3
