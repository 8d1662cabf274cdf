-- How many slots and wal senders are taken.
select (select count(*) from pg_replication_slots)::int,
       (select count(*) from pg_stat_replication)::int
