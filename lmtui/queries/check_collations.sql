-- Collations that users made.
select format('%I.%I', n.nspname, c.collname)
  from pg_collation c
  join pg_namespace n on n.oid = c.collnamespace
 where c.oid >= 16384
   and not exists (select from pg_depend d
                    where d.classid = 'pg_collation'::regclass and d.objid = c.oid
                      and d.deptype = 'e')
 order by 1
