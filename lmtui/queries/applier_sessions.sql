-- What the applier's sessions on the target are at just now: waiting for what, for how many seconds.
select coalesce(wait_event_type || ' ' || wait_event, ''),
       extract(epoch from clock_timestamp() - query_start)::float8
from pg_stat_activity
where datname = current_database()
  and application_name like 'lmtui applier%%'
  and state = 'active'
order by query_start
