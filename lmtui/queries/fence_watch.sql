-- Sessions of others that are there behind the fence, and whether they write or last ran a statement
-- that does. Statements are not shown: they may hold what nobody should read in a report.
select pid,
       coalesce(usename::text, '') || ' ' || coalesce(nullif(application_name, ''), backend_type) || ' '
           || coalesce(host(client_addr), 'local') || ' pid ' || pid,
       backend_xid is not null
           or (query ~* '\m(insert|update|delete|merge|copy|truncate|nextval|call|do)\M'
               and coalesce(greatest(query_start, state_change), backend_start) >= %(since)s)
from pg_stat_activity
where datname = current_database()
  and backend_type not in ('walsender', 'parallel worker', 'autovacuum worker')
  and pid <> pg_backend_pid()
  and not pid = any (%(own)s)
  and backend_type not like 'TimescaleDB Background Worker Scheduler%%'
