-- The settings that this role has in this database alone, by name and value.
select split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
  from pg_db_role_setting s,
       unnest(s.setconfig) as setting
 where s.setdatabase = (select oid from pg_database where datname = current_database())
   and s.setrole = (select oid from pg_roles where rolname = current_user)
