-- What the source has of the tables and columns that are to become hypertables: one row for each,
-- in their order. `way` is why a table of this kind cannot be one; empty where it can.
select w.n::int, c.oid::bigint,
       case when c.oid is null then ''
            when c.relkind <> 'r'
            then case c.relkind when 'p' then 'is a partitioned table' when 'v' then 'is a view'
                                when 'm' then 'is a materialized view'
                                when 'f' then 'is a foreign table' else 'is no table' end
            when n.nspname ~ '^(pg_|information_schema$|timescaledb_|_timescaledb_)'
            then 'is a table of the system'
            when c.relpersistence = 't' then 'is a temporary table'
            when c.relpersistence = 'u' then 'is an unlogged table'
            when c.relispartition then 'is a partition'
            when exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent))
            then 'takes part in inheritance'
            when exists (select from pg_depend d
                          where d.classid = 'pg_class'::regclass and d.objid = c.oid
                            and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e')
            then 'belongs to an extension'
            else '' end as way,
       a.attnum::int, a.attname::text, a.atttypid::regtype::text, a.attnotnull,
       a.attgenerated <> ''
  from unnest(%(schemas)s::text[], %(names)s::text[], %(columns)s::text[])
       with ordinality as w (schema, name, attname, n)
  left join pg_namespace n on n.nspname = w.schema
  left join pg_class c on c.relnamespace = n.oid and c.relname = w.name
                      and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  left join pg_attribute a on a.attrelid = c.oid and a.attname = w.attname and a.attnum > 0
                          and not a.attisdropped
 order by w.n
