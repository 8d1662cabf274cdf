-- The hypertables of users, by their root table. The view exists in all versions with the same
-- names, the catalog behind it does not; it leaves out what stores compressed chunks and
-- continuous aggregates.
select c.oid
from timescaledb_information.hypertables h
join pg_namespace n on n.nspname = h.hypertable_schema
join pg_class c on c.relnamespace = n.oid and c.relname = h.hypertable_name
