-- How many standbys follow by physical replication: their walsenders read no database.
select count(*)::int
  from pg_stat_replication r
  join pg_stat_activity a on a.pid = r.pid
 where r.state = 'streaming' and a.datname is null
