-- What users made in this database, tables first: a few names, and the number of all. An owned
-- sequence goes with its table, and so does a table's row type. lmtui's schema is another check's.
with schema as (
    select oid, nspname
      from pg_namespace
     where nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
       and nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
       and nspname not in ('toolkit_experimental', 'lmtui')
), object as (
    select case c.relkind when 'v' then 2 when 'm' then 2 when 'S' then 3 else 1 end as rank,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                          when 'S' then 'sequence' when 'f' then 'foreign table'
                          else 'table' end as kind,
           'pg_class'::regclass as catalog, c.oid, s.nspname, c.relname as name
      from pg_class c
      join schema s on s.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 4, 'function', 'pg_proc'::regclass, p.oid, s.nspname, p.proname
      from pg_proc p
      join schema s on s.oid = p.pronamespace
    union all
    select 5, 'type', 'pg_type'::regclass, t.oid, s.nspname, t.typname
      from pg_type t
      join schema s on s.oid = t.typnamespace
      left join pg_class c on c.oid = t.typrelid
     where t.typtype in ('e', 'd', 'r') or c.relkind = 'c'
)
select o.kind, quote_ident(o.nspname) || '.' || quote_ident(o.name), count(*) over ()
  from object o
 where not exists (select from pg_depend d
                    where d.classid = o.catalog and d.objid = o.oid
                      and (d.deptype = 'e' or o.kind = 'sequence' and d.deptype in ('a', 'i')))
 order by o.rank, 2
 limit 10
