-- Tables of extensions that hold rows of users (pg_extension_config_dump), with the condition that tells
-- those from the extension's own, and whether our role may read them.
select n.nspname::text, c.relname::text, e.extname::text, config.condition,
       has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
from pg_extension e
cross join unnest(e.extconfig, e.extcondition) as config(relation, condition)
join pg_class c on c.oid = config.relation and c.relkind = 'r'
join pg_namespace n on n.oid = c.relnamespace
where e.extname <> 'timescaledb'
order by 1, 2
