-- How many jobs of policies and users are scheduled.
select count(*) from timescaledb_information.jobs where job_id >= 1000 and scheduled
