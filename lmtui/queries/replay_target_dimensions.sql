-- Dimensions of one hypertable, the first one first, with the function that makes closed ones' hashes.
select d.column_name::text, d.partitioning_func_schema::text, d.partitioning_func::text
from _timescaledb_catalog.dimension d
join _timescaledb_catalog.hypertable h on h.id = d.hypertable_id
where h.schema_name = %(schema)s and h.table_name = %(name)s
order by d.id
