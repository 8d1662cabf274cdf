-- Whether this role may call what puts a database into restoring mode and out of it. Where the
-- extension is not there yet, whoever creates it may.
select coalesce(bool_and(has_function_privilege(oid, 'execute')), true)
  from pg_proc
 where proname in ('timescaledb_pre_restore', 'timescaledb_post_restore')
