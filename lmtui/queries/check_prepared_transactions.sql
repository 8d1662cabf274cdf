-- Prepared transactions, in any database of the cluster: a new slot waits for them.
select gid, owner::text, database::text,
       extract(epoch from clock_timestamp() - prepared)::float8
  from pg_prepared_xacts
 order by prepared
