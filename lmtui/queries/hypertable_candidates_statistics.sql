-- What the statistics say of columns that could divide a table: the part of the rows where it is
-- NULL, and the bounds of its histogram as numbers (seconds for dates and times), ascending.
with wanted as materialized (
    select c.oid, n.nspname, c.relname, a.attname, w.attnum, a.atttypid
      from unnest(%(oids)s::oid[], %(attnums)s::int2[]) as w (oid, attnum)
      join pg_class c on c.oid = w.oid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = w.oid and a.attnum = w.attnum
)
select w.oid::bigint, w.attnum::int, s.null_frac::float8,
       array(select case when w.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                         then bound::float8
                         else extract(epoch from bound::timestamptz)::float8 end
               from unnest(coalesce(s.histogram_bounds::text, s.most_common_vals::text)::text[])
                    as bound
              order by 1)
  from wanted w
 -- By itself for each, or else all of pg_stats is computed.
 cross join lateral (
     select null_frac, histogram_bounds, most_common_vals
       from pg_stats
      where schemaname = w.nspname and tablename = w.relname and attname = w.attname
        and not inherited
     offset 0
 ) s
