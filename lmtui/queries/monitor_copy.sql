-- COPY under way into this database, bytes by table; of a hypertable the rows stay 0 but bytes move.
select n.nspname::text, c.relname::text, sum(p.bytes_processed)::bigint
from pg_stat_progress_copy p
join pg_class c on c.oid = p.relid
join pg_namespace n on n.oid = c.relnamespace
where p.datname = current_database() and p.command = 'COPY FROM'
group by 1, 2
