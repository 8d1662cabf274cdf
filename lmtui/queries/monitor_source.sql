-- Where the source's log is, and what the slot costs it. to_jsonb, since columns differ by version.
select pg_current_wal_flush_lsn()::text,
       clock_timestamp(),
       s.j is not null,
       coalesce(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), (s.j ->> 'restart_lsn')::pg_lsn), 0)::bigint,
       coalesce(s.j ->> 'wal_status', ''),
       (s.j ->> 'safe_wal_size')::bigint,
       coalesce(s.j ->> 'invalidation_reason', ''),
       coalesce((select sent_lsn from pg_stat_replication where pid = (s.j ->> 'active_pid')::int), '0/0')::text,
       (select to_char(min(xact_start) at time zone 'UTC', 'HH24:MI:SS "UTC"') from pg_stat_activity
        where datname = current_database() and backend_xid is not null
          and application_name not like 'lmtui%%')
from (select 1) as one
left join (select to_jsonb(slots) as j from pg_replication_slots slots
           where slot_name = %(slot)s) s on true
