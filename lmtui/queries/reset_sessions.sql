-- End what a copy that was broken off still does on the target: a server goes on with a statement
-- whose client is gone. Waits up to 10 s for each.
select pg_terminate_backend(pid, 10000)
from pg_stat_activity
where datname = current_database()
  and (application_name like 'pgcopydb[%' or application_name = 'lmtui copy')
  and pid <> pg_backend_pid()
