-- What the database says of default_transaction_read_only itself, before the fence.
select coalesce(
    (select option_value
     from pg_db_role_setting s, pg_options_to_table(s.setconfig)
     where s.setdatabase = (select oid from pg_database where datname = current_database())
       and s.setrole = 0
       and option_name = 'default_transaction_read_only'),
    '')
