-- What a copy and a stream do not, or not fully, carry: how many of each, and bytes by the
-- statistics; of large objects all there are.
select 'unlogged', count(*)::int,
       coalesce(sum(relpages::bigint), 0)::bigint * current_setting('block_size')::bigint
  from pg_class where relkind = 'r' and relpersistence = 'u'
union all
select 'temporary', count(*)::int, 0
  from pg_class where relkind = 'r' and relpersistence = 't'
union all
select 'foreign', count(*)::int, 0 from pg_foreign_table
union all
select 'large object', count(*)::int, pg_relation_size('pg_largeobject')
  from pg_largeobject_metadata
union all
select 'subscription', count(*)::int, 0
  from (select subdbid from pg_subscription) s
 where subdbid = (select oid from pg_database where datname = current_database())
union all
select 'skipped', count(*)::int,
       coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname || '.' || c.relname = any(%(skipped)s)
