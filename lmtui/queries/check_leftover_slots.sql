-- Slots of an earlier migration. Temporary ones are a check's own and end with it.
select slot_name::text, active
  from pg_replication_slots
 where slot_name ~ '^lmtui_' and not temporary
 order by slot_name
