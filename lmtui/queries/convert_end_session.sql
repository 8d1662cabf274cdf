-- End a session of an attempt before: its server may not know yet that its client is gone. Waits up to
-- 10 s.
select pg_terminate_backend(pid, 10000)
from pg_stat_activity
where datname = current_database()
  and application_name = %(application)s
  and pid = %(pid)s
