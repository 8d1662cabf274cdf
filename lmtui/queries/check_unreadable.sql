-- Tables and sequences of users that this role may not read, with what pg_dump needs: usage of the
-- schema, and select.
select quote_ident(n.nspname), quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       case c.relkind when 'S' then 'sequence' when 'm' then 'materialized view'
                      else 'table' end
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'm', 'S')
   and n.nspname !~ '^(pg_|information_schema$|timescaledb_(information|experimental)$)'
   and n.nspname !~ '^_timescaledb_(catalog|config|cache|functions|debug|additional|internal)$'
   and n.nspname <> 'toolkit_experimental'
   and not (has_schema_privilege(n.oid, 'usage')
            and case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'select')
                     else has_table_privilege(c.oid, 'select') end)
 order by 2
