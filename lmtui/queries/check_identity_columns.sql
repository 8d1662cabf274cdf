-- Columns that are GENERATED ALWAYS AS IDENTITY.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname::text
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
 where a.attidentity = 'a' and not a.attisdropped and c.relkind in ('r', 'p')
   and not c.relispartition
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 order by 1, a.attnum
