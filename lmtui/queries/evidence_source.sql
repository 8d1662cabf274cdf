-- What stands in the way of a cutover on the source: kind and words.
select 'prepared',
       format('%%s of %%s, since %%s UTC', gid, owner, to_char(prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
from pg_prepared_xacts
where database = current_database()
union all
select 'open',
       format('%%s %%s %%s, since %%s UTC', usename, coalesce(nullif(application_name, ''), '(no name)'),
              coalesce(host(client_addr), 'local'),
              to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
from pg_stat_activity
where datname = current_database()
  and backend_type = 'client backend'
  and xact_start < clock_timestamp() - interval '1 minute'
  and pid <> pg_backend_pid()
  and application_name not like 'lmtui%%'
union all
select 'sequence',
       format('%%I.%%I at %%s of %%s', schemaname, sequencename, last_value, max_value)
from pg_sequences
where schemaname !~ %(hidden_schemas)s
  and not cycle
  and increment_by > 0
  and last_value > max_value - (max_value - min_value) / 10
union all
select 'fence', format('%%s is not a member of the owner of %%s', current_user, datname)
from pg_database
where datname = current_database() and not pg_has_role(datdba, 'MEMBER')
