-- Verifiers of roles that log in, but for hashes by MD5, which are as good as a password.
select rolname::text, rolpassword
from pg_authid
where rolcanlogin and rolpassword like 'SCRAM-SHA-256$%'
