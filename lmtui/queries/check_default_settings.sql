-- Settings of this database, for all roles ('') or one.
select coalesce(r.rolname::text, ''), split_part(setting, '=', 1),
       substr(setting, strpos(setting, '=') + 1)
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole,
       unnest(s.setconfig) as setting
 where s.setdatabase = (select oid from pg_database where datname = current_database())
 order by 1, 2
