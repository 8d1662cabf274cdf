-- Who has a write transaction open in this database, prepared ones included.
select coalesce(usename::text, '') || ' ' || coalesce(nullif(application_name, ''), backend_type) || ' '
           || coalesce(host(client_addr), 'local') || ' pid ' || pid
from pg_stat_activity
where datname = current_database()
  and backend_xid is not null
  and pid <> pg_backend_pid()
  and not pid = any (%(own)s)
union all
select 'prepared transaction ' || gid || ' of ' || owner
from pg_prepared_xacts
where database = current_database()
