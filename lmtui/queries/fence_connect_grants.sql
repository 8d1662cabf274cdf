-- Who may connect to this database besides its owner. No ACL means PUBLIC may.
select coalesce(r.rolname::text, '')
from pg_database d
cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
left join pg_roles r on r.oid = a.grantee
where d.datname = current_database()
  and a.privilege_type = 'CONNECT'
  and a.grantee <> d.datdba
