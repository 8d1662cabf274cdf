-- Whether this role may create schemas in the database, and objects in schema public where there is
-- one.
select has_database_privilege(current_database(), 'CREATE'),
       coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'CREATE'), true)
