-- The versions of TimescaleDB that can be created here.
select version from pg_available_extension_versions where name = 'timescaledb' order by version
