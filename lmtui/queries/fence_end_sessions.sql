-- End the sessions that predate the fence. Walsenders serve the replication; our own are known by
-- their process ids, since anybody may call a session lmtui.
select pg_terminate_backend(pid)
from pg_stat_activity
where datname = current_database()
  and pid <> pg_backend_pid()
  and not pid = any (%(own)s)
  and (backend_type = 'client backend'
       or (backend_type like 'TimescaleDB%%' and backend_xid is not null))
