-- Hypertables. Those of compressed rows and of continuous aggregates are internal: their changes are
-- storage, not data. compression_state 2 is a hypertable of compressed rows in every 2.x; from 2.29 on
-- nothing refers to one any more.
select h.id,
       h.schema_name::text,
       h.table_name::text,
       h.compression_state = 2
           or exists (select from _timescaledb_catalog.continuous_agg a where a.mat_hypertable_id = h.id),
       coalesce((to_jsonb(h) ->> 'compressed_hypertable_id')::int, 0)
from _timescaledb_catalog.hypertable h
