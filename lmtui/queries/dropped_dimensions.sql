-- Dimensions of one hypertable with their types, and the functions that make closed ones' hashes.
select d.column_name::text,
       format_type(d.column_type, null),
       coalesce(d.partitioning_func_schema::text, ''),
       coalesce(d.partitioning_func::text, '')
from _timescaledb_catalog.dimension d
join _timescaledb_catalog.hypertable h on h.id = d.hypertable_id
where h.schema_name = %(schema)s and h.table_name = %(name)s
order by d.id
