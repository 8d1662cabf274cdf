-- Whether a transaction that writes is open for so long that a common point would have to wait for it.
select exists (select from pg_stat_activity
               where backend_xid is not null
                 and xact_start < clock_timestamp() - interval '1 second')
    or exists (select from pg_prepared_xacts)
