-- Publications and this database's subscriptions. Of a subscription, plain roles may read no more.
select 'publication', pubname::text, true from pg_publication
union all
select 'subscription', subname::text, subenabled
  from (select subname, subenabled, subdbid from pg_subscription) s
 where subdbid = (select oid from pg_database where datname = current_database())
 order by 1, 2
