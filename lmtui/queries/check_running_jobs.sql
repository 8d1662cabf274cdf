-- Jobs of TimescaleDB at work in this database; their workers are named after them (measured).
select pid, application_name
  from pg_stat_activity
 where application_name ~ '\[[0-9]+\]$' and backend_type <> 'client backend'
   and datname = current_database()
 order by 1
