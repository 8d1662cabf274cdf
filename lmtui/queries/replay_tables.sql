-- Ordinary and partitioned tables with the columns that identify a row in the stream
-- (PostgreSQL, "ALTER TABLE", REPLICA IDENTITY): d primary key, i index, f whole row, n nothing.
-- A deferrable primary key identifies no row (RelationGetIndexList in relcache.c).
select n.nspname::text,
       c.relname::text,
       coalesce(
           (select array_agg(a.attname::text order by k.ord)
            from pg_index i,
                 unnest(i.indkey::int2[]) with ordinality k (attnum, ord),
                 pg_attribute a
            where i.indrelid = c.oid
              and i.indislive
              and k.ord <= i.indnkeyatts
              and a.attrelid = c.oid
              and a.attnum = k.attnum
              and ((c.relreplident = 'd' and i.indisprimary and i.indimmediate)
                   or (c.relreplident = 'i' and i.indisreplident))),
           '{}'),
       c.relreplident = 'f'
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and n.nspname not in ('pg_catalog', 'information_schema', '_timescaledb_catalog',
                        '_timescaledb_config', '_timescaledb_cache')
  and n.nspname not like 'pg\_toast%'
  and n.nspname not like 'pg\_temp%'
