-- The settings that checks look at, with the value that a new session of this role would have. One
-- that this version does not have, or that the role may not see, is absent: never SHOW one
-- unguarded. `shown` carries its unit; `file` is known to superusers only.
select name, coalesce(reset_val, setting) as setting,
       case when setting = reset_val then current_setting(name)
            else concat_ws(' ', reset_val, unit) end as shown,
       context, source, coalesce(sourcefile, '') as file, pending_restart
  from pg_settings
 where name in (
       'wal_level', 'max_replication_slots', 'max_wal_senders', 'max_slot_wal_keep_size',
       'idle_replication_slot_timeout', 'old_snapshot_threshold', 'wal_sender_timeout',
       'logical_decoding_work_mem', 'max_locks_per_transaction', 'max_connections',
       'max_prepared_transactions', 'max_worker_processes', 'max_wal_size',
       'maintenance_work_mem', 'checkpoint_timeout', 'synchronous_commit',
       'synchronous_standby_names', 'autovacuum', 'default_transaction_read_only',
       'statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout',
       'transaction_timeout', 'lock_timeout', 'output_plugin_libraries', 'row_security',
       'sync_replication_slots', 'block_size', 'wal_segment_size', 'fsync',
       'session_replication_role', 'temp_file_limit', 'max_parallel_maintenance_workers',
       'timescaledb.license', 'timescaledb.restoring', 'timescaledb.max_background_workers',
       'timescaledb.enable_compression_wal_markers',
       'timescaledb.enable_compressed_direct_batch_delete',
       'timescaledb.enable_direct_compress_copy', 'timescaledb.enable_direct_compress_insert')
