-- The hypertables that have compression enabled.
select format('%I.%I', hypertable_schema, hypertable_name)
  from timescaledb_information.hypertables
 where compression_enabled
