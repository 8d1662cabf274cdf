-- How many hypertables have compression enabled.
select count(*) from timescaledb_information.hypertables where compression_enabled
