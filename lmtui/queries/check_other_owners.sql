-- Owners of users' tables that this role is no member of, how many tables are theirs, and whether
-- they are superusers.
select pg_get_userbyid(c.relowner)::text, count(*)::int,
       coalesce((select r.rolsuper from pg_roles r where r.oid = c.relowner), false)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and not pg_has_role(c.relowner, 'usage')
 group by c.relowner
 order by 2 desc, 1
