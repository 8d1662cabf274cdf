-- Replica identity of user tables, with the index where one is named. Chunks follow their
-- hypertables.
select n.nspname::text,
       c.relname::text,
       c.relreplident::text,
       coalesce((select i.relname::text
                 from pg_index x join pg_class i on i.oid = x.indexrelid
                 where x.indrelid = c.oid and x.indisreplident), '')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relpersistence = 'p'
  and n.nspname not in ('pg_catalog', 'information_schema', 'lmtui')
  and n.nspname not like 'pg\_toast%'
  and n.nspname not like '\_timescaledb\_%'
order by 1, 2
