-- Whether this very connection is encrypted.
select coalesce(bool_or(ssl), false), coalesce(max(version || ', ' || cipher), '')
  from pg_stat_ssl
 where pid = pg_backend_pid()
