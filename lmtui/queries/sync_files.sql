-- Tables with the file that holds their rows and, as a checksum, their columns with their types. The
-- catalog is read by the snapshot: what writes a table anew after it (TRUNCATE, ALTER TABLE, the
-- compression of a chunk) leaves nothing in the new file that the snapshot sees.
select n.nspname::text,
       c.relname::text,
       c.relfilenode::bigint,
       coalesce(a.columns, '')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join (select attrelid,
                  md5(string_agg(concat_ws(' ', attname, atttypid, atttypmod), ',' order by attnum))
                      as columns
           from pg_attribute
           where attnum > 0 and not attisdropped
           group by attrelid) a on a.attrelid = c.oid
where c.relkind = 'r'
  and n.nspname not in ('pg_catalog', 'information_schema', '_timescaledb_catalog',
                        '_timescaledb_config', '_timescaledb_cache')
  and n.nspname not like 'pg\_toast%'
  and n.nspname not like 'pg\_temp%'
