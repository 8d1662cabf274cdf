-- Foreign keys of a table to itself, of two tables to each other, and to or from tables with chunks.
select k.conname::text, k.conrelid::regclass::text, k.confrelid::regclass::text
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where k.contype = 'f' and k.conparentid = 0
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and (k.confrelid = k.conrelid
        or exists (select from pg_constraint b
                    where b.contype = 'f' and b.conrelid = k.confrelid
                      and b.confrelid = k.conrelid)
        or k.confrelid = any (%(hypertables)s::bigint[]))
 order by 2, 1
