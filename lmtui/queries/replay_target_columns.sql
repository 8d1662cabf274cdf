-- Columns with their types without modifiers (format_type with -1 keeps "bit" from meaning bit(1)).
-- An array of arrays is flattened by unnest, an array of composites is spread over several columns, and
-- an array of boxes has another delimiter, so these have no array form here.
-- The equality is the one of the type's default btree operator class, whatever the search path is. A
-- composite has none here: whether its fields can be compared shows only when they are.
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
       case when own.typarray = 0 or own.typdelim <> ',' or b.typtype = 'c' then ''
            else format_type(own.typarray, -1) end,
       case when equality.operator is null then ''
            when element.oid is null then equality.operator
            else 'operator(pg_catalog.=)' end,
       b.attgenerated <> ''
from base b
join pg_type own on own.oid = b.atttypid
left join pg_type element on element.typarray = b.typ
left join pg_type base_element on base_element.oid = element.typbasetype
left join lateral (
    select format('operator(%%I.%%s)', n.nspname, o.oprname) as operator
    from pg_opclass c
    join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
    join pg_amop p on p.amopfamily = c.opcfamily and p.amopstrategy = 3
                  and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
    join pg_operator o on o.oid = p.amopopr
    join pg_namespace n on n.oid = o.oprnamespace
    join pg_type i on i.oid = c.opcintype
    join pg_type compared on compared.oid = coalesce(base_element.oid, element.oid, b.typ)
    where c.opcdefault
      and (c.opcintype = compared.oid
           or c.opcintype = case compared.typtype when 'e' then 'anyenum'::regtype
                                                  when 'r' then 'anyrange'::regtype end
           or compared.typtype = 'm' and i.typname = 'anymultirange'
           or exists (select from pg_cast k
                      where k.castsource = compared.oid and k.casttarget = c.opcintype
                        and k.castmethod = 'b' and k.castcontext = 'i'))
    order by c.opcintype = compared.oid desc, i.typispreferred desc
    limit 1
) equality on true
where b.typtype <> 'd'
order by b.attnum
