-- The hypertables that users made; a view, because TimescaleDB's catalog changes between versions.
select format('%I.%I', hypertable_schema, hypertable_name)::regclass::oid::bigint
  from timescaledb_information.hypertables
