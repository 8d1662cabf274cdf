-- What a copy and a stream do not, or not fully, carry: how many of each.
select 'unlogged', count(*)::int
  from pg_class where relkind = 'r' and relpersistence = 'u'
union all
select 'temporary', count(*)::int
  from pg_class where relkind = 'r' and relpersistence = 't'
union all
select 'foreign', count(*)::int from pg_foreign_table
union all
select 'large object', count(*)::int from pg_largeobject_metadata
union all
select 'subscription', count(*)::int
  from (select subdbid from pg_subscription) s
 where subdbid = (select oid from pg_database where datname = current_database())
