-- What there is to migrate: how many of each kind, and bytes by the statistics; rows are estimates.
-- Storage is what TimescaleDB has beside chunks: compressed rows, and those of aggregates.
with relation as (
    select c.*, n.nspname ~ '^_timescaledb_' as internal
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional)$'
       and n.nspname not in ('toolkit_experimental', 'lmtui')
       and c.relpersistence <> 't'
), member as (
    select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e'
), chunk as (
    select distinct inhrelid as oid
      from pg_inherits
     where inhparent = any (%(hypertables)s::oid[])
), kind as (
    select case r.relkind when 'r' then case when r.oid = any (%(hypertables)s::oid[])
                                             then 'hypertable'
                                             when c.oid is not null then 'chunk'
                                             when r.internal then 'storage' else 'table' end
                          when 'p' then 'partitioned table'
                          when 'v' then 'view' when 'm' then 'materialized view'
                          when 'S' then 'sequence' when 'i' then 'index' end as kind,
           r.relpages, r.reltuples
      from relation r
      left join chunk c on c.oid = r.oid
     where r.relkind in ('r', 'p', 'v', 'm', 'S', 'i')
       and (not r.internal or r.relkind = 'r')
       and r.oid not in (select objid from member)
)
select kind, count(*)::bigint,
       (sum(relpages::bigint) * current_setting('block_size')::bigint)::bigint
  from kind
 group by kind
union all
select 'row', coalesce(sum(greatest(reltuples, 0)) filter (
           where kind in ('table', 'chunk', 'storage')),
                       0)::bigint, 0
  from kind
union all
select 'function', count(*), 0
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
 where p.oid >= 16384 and n.nspname !~ '^(_timescaledb_|timescaledb_|toolkit_experimental)'
   and not exists (select from pg_depend d
                    where d.classid = 'pg_proc'::regclass and d.objid = p.oid
                      and d.deptype = 'e')
