-- Columns and replica identity of each user table, as JSON. Chunks and what TimescaleDB and other
-- extensions keep for themselves come and go by themselves and are left out; a chunk that was detached
-- from its hypertable is a table like any other.
select n.nspname::text,
       c.relname::text,
       json_build_object(
           'identity', c.relreplident,
           'columns', coalesce(
               (select json_object_agg(
                           a.attnum,
                           json_build_array(
                               a.attname,
                               concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                                         case when a.attnotnull then 'not null' end,
                                         case a.attgenerated when 's' then 'generated stored'
                                                             when 'v' then 'generated virtual' end,
                                         case a.attidentity when 'a' then 'identity always'
                                                            when 'd' then 'identity by default' end))
                           order by a.attnum)
                from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
               '{}'))::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relpersistence = 'p'
  and n.nspname not in ('pg_catalog', 'information_schema', 'lmtui')
  and n.nspname not like 'pg\_toast%%'
  and (n.nspname not like '\_timescaledb\_%%'
       or n.nspname = '_timescaledb_internal' and c.relname like '\_hyper\_%%\_chunk')
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid
                    and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  -- From TimescaleDB 2.29 on, compressed rows are beside their chunk, whatever schema that is in.
  and not exists (select from pg_attribute a
                  where a.attrelid = c.oid
                    and a.atttypid = to_regtype('_timescaledb_internal.compressed_data'))
