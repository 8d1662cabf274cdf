-- Chunks of users' hypertables with their range in the first dimension, as text and as a number to
-- order by. Without a range where a function of its own places the values of that dimension.
select k.hypertable_schema::text,
       k.hypertable_name::text,
       k.chunk_schema::text,
       k.chunk_name::text,
       d.column_name::text,
       d.column_type::regtype::text,
       coalesce(k.range_start::text, k.range_start_integer::text),
       coalesce(k.range_end::text, k.range_end_integer::text),
       coalesce(extract(epoch from k.range_start)::text, k.range_start_integer::text),
       coalesce(extract(epoch from k.range_end)::text, k.range_end_integer::text)
from timescaledb_information.chunks k
join timescaledb_information.dimensions d
     on d.hypertable_schema = k.hypertable_schema
    and d.hypertable_name = k.hypertable_name
    and d.dimension_number = 1
    and d.column_type::regtype in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype,
                                   'bigint'::regtype, 'integer'::regtype, 'smallint'::regtype)
    and (d.time_interval is not null or d.integer_interval is not null)
