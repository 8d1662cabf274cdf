-- A table to replay into, and whether it is partitioned.
select c.oid, c.relkind = 'p'
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and c.relname = %(name)s and c.relkind in ('r', 'p')
