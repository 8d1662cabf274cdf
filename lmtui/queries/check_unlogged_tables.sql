-- Unlogged tables with their size: their changes never reach the write-ahead log, and so never the
-- stream.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_total_relation_size(c.oid)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relpersistence = 'u' and n.nspname !~ '^pg_'
 order by 1
