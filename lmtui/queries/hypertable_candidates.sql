-- Ordinary tables of users that could become hypertables, each with the columns that could divide
-- it: dates, times, and whole numbers that are part of every unique key, or named like a time. Of
-- at least so many bytes, with all that belongs to a table.
-- Bytes and rows are the statistics'; where there are none yet, of the file and the counters.
with schema as materialized (
    select oid, nspname
      from pg_namespace
     where nspname !~ '^(pg_|information_schema$|timescaledb_|_timescaledb_)'
       and nspname not in ('toolkit_experimental', 'lmtui')
), member as materialized (
    select objid from pg_depend
     where classid = 'pg_class'::regclass and refclassid = 'pg_extension'::regclass
       and deptype = 'e'
), related as materialized (
    select inhrelid as oid from pg_inherits union select inhparent from pg_inherits
), relation as materialized (
    select c.oid, s.nspname, c.relname, c.reltoastrelid,
           case when c.relpages > 0 then c.relpages::bigint
                when pg_stat_get_live_tuples(c.oid) > 0
                then pg_relation_size(c.oid) / current_setting('block_size')::bigint
                else 0 end as pages,
           case when c.reltuples > 0 then c.reltuples::bigint
                else pg_stat_get_live_tuples(c.oid) end as rows
      from pg_class c
      join schema s on s.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence = 'p'
       and c.oid not in (select objid from member)
       and c.oid not in (select oid from related)
), sized as materialized (
    select r.*,
           (r.pages + coalesce(t.relpages, 0) + coalesce(i.pages, 0))::bigint
           * current_setting('block_size')::bigint as bytes
      from relation r
      left join pg_class t on t.oid = r.reltoastrelid
      left join (select x.indrelid, sum(c.relpages::bigint) as pages
                   from pg_index x
                   join pg_class c on c.oid = x.indexrelid
                  group by x.indrelid) i on i.indrelid = r.oid
), key as materialized (
    select i.indrelid, array_agg(a.attnum) as members, count(distinct i.indexrelid) as indexes
      from pg_index i
     cross join lateral unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) as a (attnum)
     where i.indisunique or i.indisexclusion
     group by i.indrelid
)
select r.oid::bigint, r.nspname::text, r.relname::text, r.bytes, r.rows,
       a.attnum::int, a.attname::text, a.atttypid::regtype::text, a.attnotnull,
       a.attgenerated <> ''
  from sized r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join key k on k.indrelid = r.oid
 where r.bytes >= %(at_least)s
   and (a.atttypid in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
        or a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
           and (k.indrelid is null
                or cardinality(array_positions(k.members, a.attnum)) = k.indexes
                or a.attname ~* '(^|_)(time|ts|timestamp|epoch|at|date|day|millis|micros)(_|$)'))
 order by 4 desc, 2, 3, 6
