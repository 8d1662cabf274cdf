-- The settings that checks look at. A setting that this version does not have, or that the role may
-- not see, is absent: never SHOW one unguarded.
select name, setting, pending_restart
  from pg_settings
 where name in ('wal_level', 'max_replication_slots', 'max_wal_senders', 'max_slot_wal_keep_size',
                'idle_replication_slot_timeout', 'old_snapshot_threshold')
