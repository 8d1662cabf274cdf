-- Indexes, but for those that belong to a constraint.
select 'index',
       quote_ident(n.nspname) || '.' || quote_ident(x.relname),
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       pg_get_indexdef(i.indexrelid)
         || case when i.indisvalid then '' else ' (not valid)' end
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm')
  and not exists (select from pg_constraint k
                  where k.conindid = i.indexrelid and k.conrelid = i.indrelid)
  and c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
