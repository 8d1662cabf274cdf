-- Hypertables with compressed chunks: how many chunks, and how many of them compressed.
select format('%I.%I', hypertable_schema, hypertable_name), count(*)::int,
       count(*) filter (where is_compressed)::int
  from timescaledb_information.chunks
 group by 1
having bool_or(is_compressed)
 order by 3 desc, 1
