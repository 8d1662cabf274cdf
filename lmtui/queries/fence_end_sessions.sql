-- End the sessions that predate the fence. Walsenders serve the replication; ours are named lmtui.
select pg_terminate_backend(pid)
from pg_stat_activity
where datname = current_database()
  and pid <> pg_backend_pid()
  and application_name not like 'lmtui%'
  and (backend_type = 'client backend'
       or (backend_type like 'TimescaleDB%' and backend_xid is not null))
