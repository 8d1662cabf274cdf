-- Transactions that have written and are open for long, in any database of the cluster: a new slot
-- waits for them. The statements are left out, because they may hold secrets.
select pid, usename::text, datname::text, application_name,
       extract(epoch from clock_timestamp() - xact_start)::float8
  from pg_stat_activity
 where backend_xid is not null
   and xact_start < clock_timestamp() - make_interval(secs => %(seconds)s)
   and pid <> pg_backend_pid()
 order by xact_start
