-- Every relation of users that holds rows: partitions and chunks are read with their root.
-- Pages are an estimate, without a lock on anything; the biggest is compared first.
select n.nspname::text,
       c.relname::text,
       case when c.relkind = 'p' then 'partitioned table'
            when c.relkind = 'm' then 'matview'
            when c.relkind = 'f' then 'foreign table'
            when c.oid = any (%(hypertables)s::oid[]) then 'hypertable'
            else 'table' end,
       c.relpersistence = 'u',
       c.relispopulated,
       array(select a.attname::text
             from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             order by a.attnum),
       size.pages,
       case when c.relkind = 'm' then pg_get_viewdef(c.oid) else '' end
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
        with recursive tree(member) as (
                select c.oid
                union all
                select i.inhrelid from pg_inherits i join tree on i.inhparent = tree.member)
        select coalesce(sum(m.relpages + coalesce(t.relpages, 0)), 0)::bigint as pages
        from tree
        join pg_class m on m.oid = tree.member
        left join pg_class t on t.oid = m.reltoastrelid
     ) as size
where c.relkind in ('r', 'p', 'm', 'f')
  and not c.relispartition
  and c.relpersistence <> 't'
  and n.nspname !~ %(hidden_schemas)s
  and not exists (select from pg_inherits i
                  where i.inhrelid = c.oid and i.inhparent = any (%(hypertables)s::oid[]))
  -- From TimescaleDB 2.29 on, compressed rows are beside their chunk, whatever schema that is in.
  and not exists (select from pg_attribute a
                  where a.attrelid = c.oid
                    and a.atttypid = to_regtype('_timescaledb_internal.compressed_data'))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by size.pages desc, n.nspname, c.relname
