-- Jobs of policies and users. Ids below 1000 are TimescaleDB's own.
select job_id, proc_name::text, scheduled
from timescaledb_information.jobs
where job_id >= 1000
order by job_id
