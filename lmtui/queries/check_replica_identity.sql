-- Tables whose updates and deletes would reach the stream without a key: leaf tables of users, and
-- hypertables by their root, whose chunks follow it and hold its statistics. The parameter has the
-- roots' oids. A key must be unique, immediate, complete, and its columns not null; PostgreSQL 18
-- knows not-null constraints that are not validated. Keys come smallest first; `makeable` are the
-- columns of constraints that hold, but are deferrable.
with hypertable as (
    select unnest(%(hypertables)s::bigint[]) as oid
), relation as (
    select c.oid, c.relreplident, h.oid is not null as hypertable,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
           quote_ident(n.nspname) as schema
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join hypertable h on h.oid = c.oid
     where c.relkind = 'r' and c.relpersistence = 'p'
       and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
       and n.nspname not in ('toolkit_experimental', 'lmtui')
       and c.relreplident <> 'f'
       and c.oid not in (select d.objid
                           from pg_depend d
                          where d.classid = 'pg_class'::regclass and d.deptype = 'e')
       and c.oid not in (select i.inhrelid
                           from pg_inherits i
                           join hypertable p on p.oid = i.inhparent)
), complete as (
    select i.indrelid, i.indexrelid, i.indisprimary, i.indimmediate, k.relname,
           f.columns, f.bytes
      from pg_index i
      join relation r on r.oid = i.indrelid
      join pg_class k on k.oid = i.indexrelid
     cross join lateral (
           select array_agg(quote_ident(a.attname) order by n) as columns,
                  sum(case when a.attlen > 0 then a.attlen else 32 end) as bytes,
                  bool_and(a.attnotnull is true
                           and not exists (select from pg_constraint t
                                            where t.conrelid = i.indrelid and t.contype = 'n'
                                              and not t.convalidated
                                              and a.attnum = any(t.conkey))) as filled
             from generate_series(0, i.indnkeyatts - 1) as n
             left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n]) f
     where i.indisunique and i.indisvalid and i.indisready and i.indislive
       and i.indpred is null and i.indexprs is null
       and f.filled
), key as (
    -- Grouped by table, because a correlated look into a CTE would read all of it for each table.
    select indrelid, bool_or(indisprimary and indimmediate) as primary_key,
           jsonb_agg(jsonb_build_object('index', quote_ident(relname), 'primary', indisprimary,
                                        'columns', columns)
                     order by indisprimary desc, bytes, cardinality(columns), relname)
               filter (where indimmediate) as keys,
           jsonb_agg(distinct to_jsonb(columns)) filter (where not indimmediate) as makeable
      from complete
     group by indrelid
), marked as (
    select i.indrelid from pg_index i where i.indisreplident and i.indisvalid and i.indislive
), bad as (
    select r.*, k.keys, k.makeable,
           case r.relreplident
                when 'n' then 'its replica identity is NOTHING'
                when 'i' then 'the index of its replica identity is gone'
                else case when exists (select from pg_index i
                                        where i.indrelid = r.oid and i.indisprimary)
                          then 'its primary key is deferrable'
                          else 'it has no primary key' end end as why
      from relation r
      left join key k on k.indrelid = r.oid
     where not (r.relreplident = 'd' and coalesce(k.primary_key, false)
                or r.relreplident = 'i' and r.oid in (select indrelid from marked))
)
select b.name, b.schema, b.hypertable, b.relreplident::text, b.why,
       (pg_stat_get_tuples_updated(b.oid) + pg_stat_get_tuples_deleted(b.oid)
        + coalesce((select sum(pg_stat_get_tuples_updated(i.inhrelid)
                               + pg_stat_get_tuples_deleted(i.inhrelid))
                      from pg_inherits i
                     where i.inhparent = b.oid and b.hypertable), 0))::bigint as changes,
       -- By the statistics for what may have very many chunks.
       case when b.hypertable
            then (select coalesce(sum(c.relpages), 0)
                    from pg_inherits i
                    join pg_class c on c.oid = i.inhrelid
                   where i.inhparent = b.oid)::bigint * current_setting('block_size')::bigint
            else coalesce(pg_relation_size(b.oid), 0) end as bytes,
       coalesce(b.keys, '[]'), coalesce(b.makeable, '[]')
  from bad b
 order by changes desc, b.name
