-- The extensions that can be created here, with the version that CREATE EXTENSION would give.
select name::text, coalesce(default_version, '') from pg_available_extensions
