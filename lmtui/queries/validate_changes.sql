-- How often the rows of each table were changed so far, and where its rows are (TRUNCATE and what
-- writes a table anew give it another file). Partitions and chunks are by themselves.
select n.nspname::text,
       c.relname::text,
       coalesce(rn.nspname::text, ''),
       coalesce(r.relname::text, ''),
       exists (select from pg_attribute a
               where a.attrelid = c.oid
                 and a.atttypid = to_regtype('_timescaledb_internal.compressed_data')),
       concat_ws(':', pg_relation_filenode(c.oid), c.relnatts,
                 pg_stat_get_tuples_inserted(c.oid),
                 pg_stat_get_tuples_updated(c.oid),
                 pg_stat_get_tuples_deleted(c.oid))
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class r on c.relispartition and r.oid = pg_partition_root(c.oid)
left join pg_namespace rn on rn.oid = r.relnamespace
where c.relkind = 'r'
  and c.relpersistence = 'p'
  and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
