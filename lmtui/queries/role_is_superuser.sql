-- Whether our own role is a superuser.
select rolsuper from pg_roles where rolname = current_user
