-- Jobs of TimescaleDB on the source that are scheduled, and so may write at any moment.
select format('%s %s, next at %s UTC', j.job_id, j.proc_name,
              coalesce(to_char(s.next_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), 'any time'))
from timescaledb_information.jobs j
left join timescaledb_information.job_stats s on s.job_id = j.job_id
where j.job_id >= 1000 and j.scheduled
order by j.job_id
