-- How often the rows of each table were changed so far, and where its rows are (TRUNCATE and what
-- writes a table anew give it another file). Partitions and chunks are by themselves. Of a partition
-- whose changes the server does not count, nothing is told; some may only be read with their root.
select n.nspname::text,
       c.relname::text,
       coalesce(rn.nspname::text, ''),
       coalesce(r.relname::text, ''),
       exists (select from pg_attribute a
               where a.attrelid = c.oid
                 and a.atttypid = to_regtype('_timescaledb_internal.compressed_data')),
       case when c.relkind = 'r' and c.relpersistence = 'p'
            then concat_ws(':', pg_relation_filenode(c.oid), c.relnatts,
                           pg_stat_get_tuples_inserted(c.oid),
                           pg_stat_get_tuples_updated(c.oid),
                           pg_stat_get_tuples_deleted(c.oid))
            else '' end,
       c.relkind = 'r' and c.relpersistence = 'p' and has_table_privilege(c.oid, 'select'),
       case when c.relispartition
            then (select string_agg(concat_ws(' ', pg_get_partkeydef(a.relid),
                                              pg_get_expr(m.relpartbound, m.oid)), '; '
                                    order by a.level)
                  from pg_partition_ancestors(c.oid) with ordinality as a(relid, level)
                  join pg_class m on m.oid = a.relid)
            else '' end
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_class r on c.relispartition and r.oid = pg_partition_root(c.oid)
left join pg_namespace rn on rn.oid = r.relnamespace
where (c.relkind = 'r' and c.relpersistence = 'p' or c.relkind in ('r', 'f') and c.relispartition)
  and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
