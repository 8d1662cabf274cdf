-- How many tables and indexes of users (and of TimescaleDB's chunks) there are.
select count(*) filter (where relkind in ('r', 'p', 'm', 'S'))::bigint,
       count(*) filter (where relkind in ('i', 'I'))::bigint
  from pg_class
 where oid >= 16384
