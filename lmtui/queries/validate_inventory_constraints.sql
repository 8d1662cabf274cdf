-- Constraints of tables. Not-null ones, which PostgreSQL 18 lists too, are compared with their
-- column, constraint triggers with the triggers.
select 'constraint',
       quote_ident(k.conname) || ' on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       pg_get_constraintdef(k.oid)
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
where k.contype in ('c', 'f', 'p', 'u', 'x')
  and c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
