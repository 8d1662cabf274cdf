-- Whether ranges are given to chunks by a table of their own: up to TimescaleDB 2.27. Later there is
-- a view of the same name.
select not exists (
    select from pg_attribute
    where attrelid = to_regclass('_timescaledb_catalog.dimension_slice')
      and attname = 'chunk_id')
