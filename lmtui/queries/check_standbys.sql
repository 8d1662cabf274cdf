-- How many standbys follow by physical replication: their walsenders read no database. A role that
-- may not monitor does not see their state.
select count(*)::int
  from pg_stat_replication r
  join pg_stat_activity a on a.pid = r.pid
 where coalesce(r.state, 'streaming') = 'streaming' and a.datname is null
