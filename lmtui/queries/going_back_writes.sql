-- What the server's statistics have counted as written, by table, the chunks with their hypertable: rows
-- inserted, updated, deleted since the statistics were reset. Not what TimescaleDB compresses.
select n.nspname::text,
       r.relname::text,
       coalesce(sum(s.n_tup_ins), 0)::bigint,
       coalesce(sum(s.n_tup_upd), 0)::bigint,
       coalesce(sum(s.n_tup_del), 0)::bigint
from pg_stat_user_tables s
left join pg_inherits i on i.inhrelid = s.relid
     and i.inhparent = any (%(hypertables)s::oid[])
join pg_class r on r.oid = coalesce(i.inhparent, s.relid)
join pg_namespace n on n.oid = r.relnamespace
where n.nspname !~ %(hidden_schemas)s
group by 1, 2
order by 1, 2
