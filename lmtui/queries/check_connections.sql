-- How many more sessions this role may open here: by the server's, the database's and the role's
-- limit. The latter two do not bind superusers. Our own sessions end before the work.
with session as (
    select datname, usename from pg_stat_activity
     where backend_type = 'client backend' and application_name is distinct from 'lmtui check'
)
select least(
           current_setting('max_connections')::int - (select count(*) from session)
           - case when r.rolsuper then 0
                  else current_setting('superuser_reserved_connections')::int
                       + coalesce(current_setting('reserved_connections', true)::int, 0) end,
           case when d.datconnlimit >= 0 and not r.rolsuper
                then d.datconnlimit - (select count(*) from session where datname = d.datname) end,
           case when r.rolconnlimit >= 0 and not r.rolsuper
                then r.rolconnlimit - (select count(*) from session where usename = r.rolname) end
       )::int
  from pg_roles r, pg_database d
 where r.rolname = current_user and d.datname = current_database()
