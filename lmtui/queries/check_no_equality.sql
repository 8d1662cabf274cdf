-- Tables that rows are found in by all their values (replica identity FULL, or no unique index),
-- with columns of types that have no default equality (json, xml, point and others).
with relation as (
    select c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence = 'p'
       and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
       and not exists (select from pg_index i
                        where i.indrelid = c.oid and i.indisunique and i.indimmediate
                          and i.indisvalid and i.indpred is null and i.indexprs is null)
       and not exists (select from pg_depend d
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid
                          and d.deptype = 'e')
), comparable as (
    select o.opcintype
      from pg_opclass o
      join pg_am m on m.oid = o.opcmethod
     where o.opcdefault and m.amname in ('btree', 'hash')
), type as (
    select t.oid, case when t.typtype = 'd' then t.typbasetype else t.oid end as base,
           t.typtype, t.typcategory
      from pg_type t
)
select r.name, string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
                          order by a.attnum)
  from relation r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
                     and a.attgenerated = ''
  join type t on t.oid = a.atttypid
 where t.typtype not in ('e', 'r', 'm', 'c') and t.typcategory <> 'A'
   and not exists (select from comparable q where q.opcintype = t.base)
   and not exists (select from pg_cast k
                     join comparable q on q.opcintype = k.casttarget
                    where k.castsource = t.base and k.castmethod = 'b')
 group by r.name
 order by r.name
