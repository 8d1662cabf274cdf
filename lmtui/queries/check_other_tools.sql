-- Objects that pgcopydb, live-migration and livesync leave when they are not ended in order.
select 'slot' as kind, slot_name::text as name
  from pg_replication_slots
 where database = current_database()
   and (slot_name = 'pgcopydb' or slot_name ~ '^(ts_live|livesync|live_migration)')
union all
select 'origin', roname
  from pg_replication_origin
 where roname = 'pgcopydb' or roname ~ '^pg_\d*ts_live'
union all
select 'publication', pubname::text
  from pg_publication
 where pubname ~ '^(livesync|ts_live|pgcopydb)'
union all
select 'schema', nspname::text from pg_namespace
 where nspname in ('__live_migration', 'pgcopydb', '_ts_live_sync')
 order by 1, 2
