-- The identifier that initdb gave this cluster; its copies share it.
select system_identifier from pg_control_system()
