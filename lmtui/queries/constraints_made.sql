-- Constraints over an index: those that pgcopydb makes itself.
select n.nspname::text, c.relname::text, k.conname::text
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype in ('p', 'u', 'x')
