-- Tables, views and sequences. A view's definition is compared by its hash, and only where both
-- servers write it in the same way, which two major versions do not.
select case when c.relkind = 'v' then 'view'
            when c.relkind = 'm' then 'materialized view'
            when c.relkind = 'S' then 'sequence'
            when c.relkind = 'f' then 'foreign table'
            when c.relkind = 'p' then 'partitioned table'
            when c.oid = any (%(hypertables)s::oid[]) then 'hypertable'
            when c.relpersistence = 'u' then 'unlogged table'
            else 'table' end,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       case when c.relkind in ('v', 'm') and %(same_major)s then md5(pg_get_viewdef(c.oid))
            when c.relkind = 'p' then 'partition by ' || pg_get_partkeydef(c.oid)
            when c.relkind = 'S' then
                 (select concat_ws(' ', format_type(s.seqtypid, null), 'increment', s.seqincrement,
                                   'minimum', s.seqmin, 'maximum', s.seqmax, 'start', s.seqstart,
                                   case when s.seqcycle then 'cycle' end)
                  from pg_sequence s where s.seqrelid = c.oid)
            else '' end
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  and not exists (select from pg_attribute a
                  where a.attrelid = c.oid
                    and a.atttypid = to_regtype('_timescaledb_internal.compressed_data'))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
