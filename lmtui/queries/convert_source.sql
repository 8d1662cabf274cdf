-- A table as the snapshot has it: the columns that are stored, and whether its rows are in the same
-- file still. What writes a table anew after the snapshot (TRUNCATE, ALTER TABLE) leaves nothing that
-- the snapshot sees.
select array(select a.attname::text
             from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
             order by a.attnum),
       c.relfilenode = pg_relation_filenode(c.oid)
from pg_class c
where c.oid = to_regclass(%(relation)s)
