-- Every sequence of users: serial, identity and standalone; those of extensions are their own.
-- Temporary ones die with their session.
select n.nspname::text,
       c.relname::text,
       s.seqincrement,
       has_schema_privilege(n.oid, 'USAGE') and has_sequence_privilege(c.oid, 'SELECT')
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
where c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname
