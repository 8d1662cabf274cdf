-- How many objects of users need each extension, and a few of their names. Hypertables need
-- TimescaleDB by its catalog; that it is needed, its own checks say.
select e.extname::text, count(*)::int,
       (array_agg(distinct pg_describe_object(d.classid, d.objid, 0)))[1:5]
  from pg_depend d
  join pg_depend m on m.classid = d.refclassid and m.objid = d.refobjid
                  and m.refclassid = 'pg_extension'::regclass and m.deptype = 'e'
  join pg_extension e on e.oid = m.refobjid
 where d.deptype in ('n', 'a')
   and d.classid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
                     'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_attrdef'::regclass,
                     'pg_rewrite'::regclass, 'pg_policy'::regclass)
   and e.extname not in ('plpgsql', 'timescaledb')
   and not exists (select from pg_depend o
                    where o.classid = d.classid and o.objid = d.objid
                      and o.refclassid = 'pg_extension'::regclass and o.deptype = 'e')
 group by 1
 order by 1
