-- Roles of the source that own or may use something, but for those that the system keeps.
select r.rolname::text, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
       r.rolconnlimit,
       array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
             where m.member = r.oid and g.rolname not like 'pg\_%' order by 1)
from pg_roles r
where r.rolname not like 'pg\_%'
order by r.rolname
