-- How many slots and wal senders are taken. A check's own may still be about to end.
select (select count(*) from pg_replication_slots
         where not (temporary and slot_name ~ '^lmtui_probe_'))::int,
       (select count(*) from pg_stat_replication
         where application_name is distinct from 'lmtui check')::int
