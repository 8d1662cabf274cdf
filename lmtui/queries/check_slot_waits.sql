-- What a process waits for while it creates a slot. Process 0 is a prepared transaction.
select w.pid, a.usename::text, a.datname::text, a.application_name,
       extract(epoch from clock_timestamp() - a.xact_start)::float8
  from unnest(pg_blocking_pids(%(pid)s)) as w (pid)
  left join pg_stat_activity a on a.pid = w.pid
 order by w.pid
