-- Jobs of policies and users with all that defines them, and when they are due next. Who owns a job and
-- where it stands are no part of that.
select j.job_id,
       j.proc_name::text,
       j.scheduled,
       j.next_start::text,
       (to_jsonb(j) - '{job_id,scheduled,next_start,owner}'::text[])::text
from timescaledb_information.jobs j
where j.job_id >= 1000
order by j.job_id
