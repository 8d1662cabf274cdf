-- Columns of type smallint or integer whose sequence has passed 80 % of what the type holds.
select format('%I.%I.%I', n.nspname, t.relname, a.attname), format_type(a.atttypid, null),
       round(100.0 * q.last_value / l.highest, 1)::text
  from pg_depend d
  join pg_class s on s.oid = d.objid and s.relkind = 'S'
  join pg_namespace sn on sn.oid = s.relnamespace
  join pg_class t on t.oid = d.refobjid
  join pg_namespace n on n.oid = t.relnamespace
  join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
 cross join lateral (
       select case a.atttypid when 'int2'::regtype then 32767 else 2147483647 end as highest) l
 cross join lateral (
       select case when has_sequence_privilege(s.oid, 'usage')
                     or has_sequence_privilege(s.oid, 'select')
                   then pg_sequence_last_value(s.oid) end as last_value) q
 where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
   and d.deptype in ('a', 'i') and a.atttypid in ('int2'::regtype, 'int4'::regtype)
   and q.last_value > 0.8 * l.highest
 order by 1
