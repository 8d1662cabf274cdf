-- Ids of TimescaleDB's jobs at work in this database: their workers are named after them (measured on
-- 2.19 and 2.29).
select substring(application_name from '\[([0-9]+)\]$')::int
from pg_stat_activity
where application_name ~ '\[[0-9]+\]$'
  and backend_type <> 'client backend'
  and datname = current_database()
