-- Columns with their types without modifiers (format_type with -1 keeps "bit" from meaning bit(1)).
-- An array of arrays is flattened by unnest and an array of composites is spread over several columns,
-- so these have no array form here.
with recursive base as (
    select a.attnum, a.attname, a.atttypid, a.attgenerated, t.oid as typ, t.typbasetype, t.typtype
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    where a.attrelid = %(oid)s and a.attnum > 0 and not a.attisdropped
    union all
    select b.attnum, b.attname, b.atttypid, b.attgenerated, t.oid, t.typbasetype, t.typtype
    from base b
    join pg_type t on t.oid = b.typbasetype
    where b.typtype = 'd'
)
select b.attname::text,
       format_type(b.atttypid, -1),
       case when own.typarray = 0 or b.typtype = 'c' then ''
            else format_type(own.typarray, -1) end,
       b.typtype = 'e'
           or exists (select from pg_opclass o
                      join pg_am m on m.oid = o.opcmethod and m.amname = 'btree'
                      where o.opcdefault and o.opcintype = b.typ)
           or b.typ in ('varchar'::regtype),
       b.typ = 'bpchar'::regtype,
       b.attgenerated <> ''
from base b
join pg_type own on own.oid = b.atttypid
where b.typtype <> 'd'
order by b.attnum
