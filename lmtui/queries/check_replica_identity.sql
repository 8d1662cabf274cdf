-- Tables whose updates and deletes would reach the stream without a key: leaf tables of users, and
-- hypertables by their root, whose chunks follow it and hold its statistics. The parameter has the
-- roots' oids. A key must be unique, immediate, complete, and its columns not null; PostgreSQL 18
-- knows not-null constraints that are not validated.
with hypertable as (
    select unnest(%(hypertables)s::bigint[]) as oid
), relation as (
    select c.oid, c.relname, c.relreplident, h.oid is not null as hypertable,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
           pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) as changes
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join hypertable h on h.oid = c.oid
     where c.relkind = 'r' and c.relpersistence = 'p'
       and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
       and n.nspname <> 'toolkit_experimental'
       and not exists (select from pg_depend d
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid
                          and d.deptype = 'e')
       and not exists (select from pg_inherits i
                         join hypertable p on p.oid = i.inhparent
                        where i.inhrelid = c.oid)
), key as (
    select i.indrelid, i.indisprimary, i.indnkeyatts, k.relname
      from pg_index i
      join pg_class k on k.oid = i.indexrelid
     where i.indisunique and i.indisvalid and i.indisready and i.indislive and i.indimmediate
       and i.indpred is null and i.indexprs is null
       and not exists (
           select from generate_series(0, i.indnkeyatts - 1) as n
             left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n]
            where a.attnotnull is not true
               or exists (select from pg_constraint t
                           where t.conrelid = i.indrelid and t.contype = 'n'
                             and not t.convalidated and a.attnum = any(t.conkey)))
)
select r.name,
       case r.relreplident
            when 'n' then 'its replica identity is NOTHING'
            when 'i' then 'the index of its replica identity is gone'
            else case when exists (select from pg_index i
                                    where i.indrelid = r.oid and i.indisprimary)
                      then 'its primary key is deferrable'
                      else 'it has no primary key' end
       end,
       r.changes + coalesce((
           select sum(pg_stat_get_tuples_updated(i.inhrelid)
                      + pg_stat_get_tuples_deleted(i.inhrelid))
             from pg_inherits i
            where i.inhparent = r.oid and r.hypertable), 0)::bigint as changes,
       'ALTER TABLE ' || r.name || ' REPLICA IDENTITY ' || coalesce(
           (select 'DEFAULT' from key k where k.indrelid = r.oid and k.indisprimary),
           (select 'USING INDEX ' || quote_ident(k.relname)
              from key k
             where k.indrelid = r.oid
             order by k.indnkeyatts, k.relname
             limit 1),
           'FULL') || ';'
  from relation r
 where not (r.relreplident = 'f'
            or r.relreplident = 'd'
               and exists (select from key k where k.indrelid = r.oid and k.indisprimary)
            or r.relreplident = 'i'
               and exists (select from pg_index i
                            where i.indrelid = r.oid and i.indisreplident
                              and i.indisvalid and i.indislive))
 order by changes desc, r.name
