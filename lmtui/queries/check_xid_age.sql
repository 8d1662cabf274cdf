-- How many transactions ago this database's oldest transaction id was given.
select age(datfrozenxid) from pg_database where datname = current_database()
