-- Tables of extensions that hold rows of users (pg_extension_config_dump).
select n.nspname::text, c.relname::text, e.extname::text
from pg_extension e
cross join unnest(e.extconfig) as config(relation)
join pg_class c on c.oid = config.relation and c.relkind = 'r'
join pg_namespace n on n.oid = c.relnamespace
where e.extname <> 'timescaledb'
order by 1, 2
