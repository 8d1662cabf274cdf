-- Indexes that are not valid, and constraints that were not validated.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'index'
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_namespace n on n.oid = c.relnamespace
 where not (i.indisvalid and i.indisready) and c.relkind = 'i'
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
union all
select format('%s of %s', k.conname, quote_ident(n.nspname) || '.' || quote_ident(c.relname)), 'constraint'
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where not k.convalidated and to_jsonb(k) ->> 'conenforced' is distinct from 'false'
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
 order by 1
