-- The names of all roles.
select rolname::text from pg_roles
