-- Roles of the target that may be given a verifier: not our own, and no superuser.
select rolname::text
from pg_roles
where rolcanlogin and not rolsuper and rolname <> current_user
