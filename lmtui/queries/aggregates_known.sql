-- Whether there may be continuous aggregates that can be read and refreshed here: the tables of buckets
-- and watermarks came with TimescaleDB 2.11 and 2.15, forced refreshes with 2.18, and up to 2.25 these
-- take one bucket more than the window holds (measured on 2.19.3; invalidation.c).
select to_regclass('_timescaledb_catalog.continuous_aggs_bucket_function') is not null
       and to_regclass('_timescaledb_catalog.continuous_aggs_watermark') is not null
       and exists (select from pg_attribute
                   where attrelid = to_regclass('_timescaledb_catalog.continuous_aggs_bucket_function')
                     and attname = 'bucket_width'),
       exists (select from pg_proc
               where proname = 'refresh_continuous_aggregate' and 'force' = any (proargnames)),
       exists (select from timescaledb_information.continuous_aggregates),
       (select string_to_array(substring(extversion from '^[0-9.]+'), '.')::int[] < array[2, 26]
        from pg_extension where extname = 'timescaledb')
