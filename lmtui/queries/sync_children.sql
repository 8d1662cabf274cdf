-- Partitioned tables and what is directly below each.
select pn.nspname::text, p.relname::text, n.nspname::text, c.relname::text
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = i.inhparent and p.relkind = 'p'
join pg_namespace pn on pn.oid = p.relnamespace
where c.relkind in ('r', 'p')
