-- End this role's other sessions of the same name in this database.
select pg_terminate_backend(pid)
from pg_stat_activity
where datname = current_database()
  and usename = current_user
  and application_name = current_setting('application_name')
  and pid <> pg_backend_pid()
