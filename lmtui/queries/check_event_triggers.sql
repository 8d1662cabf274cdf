-- Event triggers that users made: name, function, whether they fire.
select evtname::text, evtfoid::regproc::text, evtenabled <> 'D'
  from pg_event_trigger t
 where not exists (select from pg_depend d
                    where d.classid = 'pg_event_trigger'::regclass and d.objid = t.oid
                      and d.deptype = 'e')
 order by 1
