-- Which server process answers, and whether it still has the session's settings.
select pg_backend_pid(), current_setting('application_name')
