-- Sessions of clients in this database that are older than so many seconds: process, role,
-- application, and age. Of other roles' sessions only those who may monitor see the age; it is null
-- then. lmtui's own set what they need themselves.
select pid, usename::text, application_name,
       extract(epoch from clock_timestamp() - backend_start)::float8
  from pg_stat_activity
 where datname = current_database() and coalesce(backend_type, 'client backend') = 'client backend'
   and pid <> pg_backend_pid() and application_name !~ '^(lmtui|TimescaleDB )'
   and coalesce(clock_timestamp() - backend_start > make_interval(secs => %(seconds)s), true)
 order by backend_start
