-- A table to replay into, and whether ONLY must keep inheriting tables out. Hypertables have chunks
-- that inherit, partitioned tables have partitions: there the rows below are meant.
select c.oid,
       c.relkind = 'r'
           and exists (select from pg_inherits i where i.inhparent = c.oid)
           and not exists (select from pg_trigger t
                           where t.tgrelid = c.oid and t.tgname = 'ts_insert_blocker')
           and not exists (select
                           from pg_inherits i
                           join pg_class k on k.oid = i.inhrelid
                           join pg_namespace kn on kn.oid = k.relnamespace
                           join pg_depend d on d.objid = k.oid and d.refobjid = c.oid
                           where i.inhparent = c.oid and kn.nspname = '_timescaledb_internal')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s and c.relname = %(name)s and c.relkind in ('r', 'p')
