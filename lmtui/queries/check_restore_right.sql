-- Whether this role may call what puts a database into restoring mode and out of it.
select coalesce(bool_and(has_function_privilege(oid, 'execute')), false)
  from pg_proc
 where proname in ('timescaledb_pre_restore', 'timescaledb_post_restore')
