-- Whether jobs of policies and users are active; those that lmtui has paused are meant to be.
select 'schedule', format('of job %%s (%%s)', job_id, proc_name), '',
       case when scheduled or job_id = any (%(paused)s::int[]) then 'active' else 'paused' end
from timescaledb_information.jobs
where job_id >= 1000
