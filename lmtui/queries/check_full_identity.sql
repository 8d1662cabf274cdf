-- Large tables whose rows have no index to be found by: replica identity FULL and no unique index.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.reltuples::bigint
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relreplident = 'f' and c.reltuples >= 100000
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and not exists (select from pg_index i
                    where i.indrelid = c.oid and i.indisunique and i.indisvalid
                      and i.indpred is null and i.indexprs is null)
 order by 2 desc
