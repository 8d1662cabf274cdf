-- Hypertables whose chunks were given a schema or a prefix of their own.
select format('%I.%I', schema_name, table_name)
  from _timescaledb_catalog.hypertable
 where compression_state <> 2
   and (associated_schema_name <> '_timescaledb_internal'
        or associated_table_prefix not in (format('_hyper_%s', id), format('_dist_hyper_%s', id)))
 order by 1
