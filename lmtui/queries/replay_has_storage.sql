-- Whether there are settings of compression: the table came with TimescaleDB 2.14.
select to_regclass('_timescaledb_catalog.compression_settings') is not null
