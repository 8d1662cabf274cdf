-- Whether TimescaleDB's metadata carry the marks of a Tiger Cloud service.
select exists (select from _timescaledb_catalog.metadata where key::text ~ '^forge_')
