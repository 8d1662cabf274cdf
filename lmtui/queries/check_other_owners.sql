-- Owners of users' tables that this role is no member of, with how many tables are theirs.
select pg_get_userbyid(c.relowner)::text, count(*)::int
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and not pg_has_role(c.relowner, 'usage')
 group by 1
 order by 2 desc, 1
