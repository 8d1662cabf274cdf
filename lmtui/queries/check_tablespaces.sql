-- Tablespaces of this database other than the default, with how many relations are in each; the
-- database's own counts as one.
select t.spcname::text, count(*)::int
  from (select reltablespace as oid from pg_class
        union all
        select dattablespace from pg_database where datname = current_database()) as used
  join pg_tablespace t on t.oid = used.oid
 where t.spcname not in ('pg_default', 'pg_global')
 group by 1
 order by 1
