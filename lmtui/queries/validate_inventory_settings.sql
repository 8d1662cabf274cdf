-- Settings of this database, and of roles here or everywhere. The fence's own, and what TimescaleDB
-- sets while it is restored, are left out.
select 'setting',
       case when s.setdatabase = 0 then '' else 'database ' end
         || case when s.setrole = 0 then '' else 'role ' || quote_ident(pg_get_userbyid(s.setrole)) || ' ' end
         || o.option_name,
       '',
       o.option_value
from pg_db_role_setting s
cross join lateral pg_options_to_table(s.setconfig) o
where (s.setdatabase = (select oid from pg_database where datname = current_database())
       or s.setdatabase = 0 and s.setrole <> 0)
  and o.option_name not in ('default_transaction_read_only', 'timescaledb.restoring')
