-- A table to replay into: whether it is partitioned, and whether tables inherit from it.
select c.oid,
       c.relkind = 'p',
       exists (select from pg_inherits i where i.inhparent = c.oid)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and c.relname = %(name)s and c.relkind in ('r', 'p')
