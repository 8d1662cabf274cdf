-- Dimensions of hypertables. Closed ones cut a hash of the column's value, open ones the value itself.
select id, hypertable_id, column_name::text, num_slices is not null,
       format_type(column_type, null)
from _timescaledb_catalog.dimension
