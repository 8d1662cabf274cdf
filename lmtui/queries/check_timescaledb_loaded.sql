-- Whether TimescaleDB's library is loaded. Its loader defines settings; shared_preload_libraries
-- itself is hidden from plain roles, and a mere placeholder in postgresql.conf is not listed.
select exists (select from pg_settings where name like 'timescaledb.%')
