-- Slots that are not lmtui's and not temporary, with the log that each keeps. Columns that only
-- newer versions have are read through JSON.
select slot_name::text, active,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                            else pg_current_wal_lsn() end, restart_lsn)::bigint,
       coalesce(to_jsonb(s) ->> 'wal_status', '')
  from pg_replication_slots s
 where slot_name !~ '^lmtui_' and not temporary
 order by 3 desc nulls last, 1
