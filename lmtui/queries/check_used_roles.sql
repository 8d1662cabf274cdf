-- Roles that own something of this database, or are granted something, or are named by a policy.
with schema as (
    select n.oid, n.nspowner, n.nspacl
      from pg_namespace n
     where n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
), used (role) as (
    select c.relowner from pg_class c join schema s on s.oid = c.relnamespace
    union
    select s.nspowner from schema s
    union
    select p.proowner from pg_proc p join schema s on s.oid = p.pronamespace
    union
    select a.grantee
      from pg_class c join schema s on s.oid = c.relnamespace, aclexplode(c.relacl) a
    union
    select a.grantee
      from pg_proc p join schema s on s.oid = p.pronamespace, aclexplode(p.proacl) a
    union
    select a.grantee from schema s, aclexplode(s.nspacl) a
    union
    select role from pg_policy, unnest(polroles) role
)
select r.rolname::text
  from used u
  join pg_roles r on r.oid = u.role
 where r.rolname !~ '^pg_'
 order by 1
