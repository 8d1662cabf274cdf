-- Materialized views that hold data, each after those that it reads from.
with recursive reads as (
    select v.oid, v.oid as root, 0 as depth
    from pg_class v
    where v.relkind = 'm'
    union
    select dep.refobjid, reads.root, reads.depth + 1
    from reads
    join pg_rewrite r on r.ev_class = reads.oid
    join pg_depend dep on dep.classid = 'pg_rewrite'::regclass and dep.objid = r.oid
                      and dep.refclassid = 'pg_class'::regclass and dep.refobjid <> reads.oid
    join pg_class c on c.oid = dep.refobjid and c.relkind in ('m', 'v')
    where reads.depth < 100
)
select n.nspname::text, c.relname::text
from reads
join pg_class c on c.oid = reads.root
join pg_namespace n on n.oid = c.relnamespace
where c.relispopulated and c.relkind = 'm'
  and n.nspname not like '\_timescaledb\_%'
group by c.oid, n.nspname, c.relname
order by max(reads.depth), 1, 2
