-- How many hypertables with compression, continuous aggregates and policies there are: what the
-- Apache edition does not have.
select (select count(*) from timescaledb_information.hypertables where compression_enabled)
       + (select count(*) from timescaledb_information.continuous_aggregates)
       + (select count(*) from timescaledb_information.jobs where proc_name like 'policy_%'
                                                              and job_id >= 1000)
