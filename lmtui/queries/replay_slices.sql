-- Ranges of chunks, one for each dimension. From TimescaleDB 2.28 on they name their chunk.
select (s.j ->> 'id')::int,
       coalesce((s.j ->> 'chunk_id')::int, 0),
       (s.j ->> 'dimension_id')::int,
       (s.j ->> 'range_start')::bigint,
       (s.j ->> 'range_end')::bigint
from (select to_jsonb(dimension_slice) as j from _timescaledb_catalog.dimension_slice) s
