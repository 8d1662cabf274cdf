-- What decides how a side is read: its major version, its encoding, and whether TimescaleDB is
-- installed in this database.
select current_setting('server_version_num')::int / 10000,
       current_setting('server_encoding'),
       exists (select from pg_extension where extname = 'timescaledb')
