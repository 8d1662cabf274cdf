-- Who writes on this source: sessions with a write transaction open, or whose last statement, within
-- ten seconds, was one that writes. One line per user, application and address.
select coalesce(usename::text, '') || ' ' || coalesce(nullif(application_name, ''), '(no name)') || ' '
           || coalesce(host(client_addr), 'local')
           || case when count(*) > 1 then ', ' || count(*) || ' sessions' else '' end
           || ', last write ' || to_char(max(case when state = 'active' then clock_timestamp() else state_change end) at time zone 'UTC', 'HH24:MI:SS')
from pg_stat_activity
where datname = current_database()
  and backend_type = 'client backend'
  and (backend_xid is not null
       or query ~* '^\s*(insert|update|delete|merge|copy|truncate)\M'
          and state_change > clock_timestamp() - interval '10 seconds')
  and pid <> pg_backend_pid()
  and application_name not like 'lmtui%%'
  and application_name not like 'pgcopydb%%'
group by usename, application_name, client_addr
order by 1
