-- A slot, where it is there, and what may have cost it its life. to_jsonb: columns differ by version.
select s.j is not null,
       coalesce(s.j ->> 'wal_status', ''),
       coalesce(s.j ->> 'invalidation_reason', ''),
       coalesce(current_setting('max_slot_wal_keep_size', true), ''),
       coalesce(current_setting('idle_replication_slot_timeout', true), ''),
       (select timeline_id from pg_control_checkpoint())
from (select 1) as one
left join (select to_jsonb(slots) as j from pg_replication_slots slots
           where slot_name = %(slot)s) s on true
