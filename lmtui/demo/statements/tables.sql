-- Every table that holds rows of its own or of its partitions, as schema, name and quoted name.
select nspname, relname, format('%I.%I', nspname, relname)
from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p') and not relispartition
    and nspname !~ '^(pg_|information_schema$|_timescaledb|timescaledb)'
order by 1, 2
