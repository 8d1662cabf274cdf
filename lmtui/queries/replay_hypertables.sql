-- Hypertables. Those of compressed rows and of continuous aggregates are internal: their changes are
-- storage, not data. compression_state 2 is a hypertable of compressed rows in every 2.x.
select h.id,
       h.schema_name::text,
       h.table_name::text,
       h.compression_state = 2
           or exists (select from _timescaledb_catalog.continuous_agg a where a.mat_hypertable_id = h.id)
from _timescaledb_catalog.hypertable h
