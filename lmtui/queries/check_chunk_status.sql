-- Chunks by their status bits: 1 compressed, 2 unordered, 4 frozen, 8 partial; 0 is nothing of all.
select c.status::int, count(*)::int
  from _timescaledb_catalog.chunk c
 where c.status > 1
 group by 1
 order by 1
