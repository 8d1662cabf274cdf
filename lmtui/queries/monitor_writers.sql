-- Sessions of this database that have written in a transaction which is still open.
select coalesce(usename::text, '') || ' ' || coalesce(nullif(application_name, ''), '(no name)') || ' '
           || coalesce(host(client_addr), 'local')
from pg_stat_activity
where datname = current_database()
  and backend_type = 'client backend'
  and backend_xid is not null
  and pid <> pg_backend_pid()
  and application_name not like 'lmtui%%'
  and application_name not like 'pgcopydb%%'
order by 1
