-- Updates and deletes so far in tables where nothing identifies a row. Chunks are counted each, but for
-- those of continuous aggregates: what their refreshes change is not replayed.
select format('%%I.%%I', n.nspname, c.relname),
       pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r'
  and c.relpersistence = 'p'
  and (n.nspname !~ %(hidden_schemas)s or n.nspname = '_timescaledb_internal')
  and (c.relreplident = 'n'
       or c.relreplident = 'd' and not exists (select from pg_index i
                                               where i.indrelid = c.oid and i.indisprimary))
  and not exists (select from pg_attribute a
                  where a.attrelid = c.oid
                    and a.atttypid = to_regtype('_timescaledb_internal.compressed_data'))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  and c.relname not like 'compress\_hyper\_%%'
  and not exists (select from pg_inherits i
                  join pg_class root on root.oid = i.inhparent
                  join pg_namespace rn on rn.oid = root.relnamespace
                  where i.inhrelid = c.oid and rn.nspname = '_timescaledb_internal')
