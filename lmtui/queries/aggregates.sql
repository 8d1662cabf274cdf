-- Continuous aggregates: their ids, views, time column, watermark, and more than the width of a bucket
-- (in TimescaleDB's numbers: microseconds or the integer; a month has at most 31 days, a day 25 hours).
select a.mat_hypertable_id,
       a.raw_hypertable_id,
       a.user_view_schema::text,
       a.user_view_name::text,
       a.direct_view_schema::text,
       a.direct_view_name::text,
       h.schema_name::text,
       h.table_name::text,
       d.column_name::text,
       format_type(d.column_type, null),
       w.watermark,
       case when d.column_type in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            then b.bucket_width::bigint
            else (extract(epoch from b.bucket_width::interval) * 1100000 + 7200000000)::bigint
       end,
       b.bucket_width,
       b.bucket_timezone,
       b.bucket_origin,
       b.bucket_offset
from _timescaledb_catalog.continuous_agg a
join _timescaledb_catalog.hypertable h on h.id = a.mat_hypertable_id
join _timescaledb_catalog.dimension d
     on d.id = (select min(id) from _timescaledb_catalog.dimension where hypertable_id = h.id)
join _timescaledb_catalog.continuous_aggs_bucket_function b
     on b.mat_hypertable_id = a.mat_hypertable_id
left join _timescaledb_catalog.continuous_aggs_watermark w
     on w.mat_hypertable_id = a.mat_hypertable_id
order by a.mat_hypertable_id
