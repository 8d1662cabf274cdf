-- Whether the database holds TimescaleDB's catalog.
select exists (select from pg_extension where extname = 'timescaledb')
