-- Collations in use here, and this database's own, that were made under another version of the
-- system's library than is there now: what they are called, the version then, the version now.
-- Databases have one from PostgreSQL 15 on.
select format('%I.%I', n.nspname, c.collname), c.collversion,
       pg_collation_actual_version(c.oid)
  from pg_collation c
  join pg_namespace n on n.oid = c.collnamespace
 where c.collversion is not null
   and (c.oid >= 16384 or exists (select from pg_attribute a where a.attcollation = c.oid
                                                              and a.attrelid >= 16384))
   and c.collversion <> pg_collation_actual_version(c.oid)
union all
select 'the database''s own', to_jsonb(d) ->> 'datcollversion', ''
  from pg_database d
 where d.datname = current_database() and to_jsonb(d) ->> 'datcollversion' is not null
   and to_jsonb(d) ->> 'datcollversion' <> (
       -- Absent before PostgreSQL 15: never called by its name.
       select (xpath('//v/text()', query_to_xml(format(
                  'select pg_database_collation_actual_version(%s) as v', d.oid),
                  true, true, '')))[1]::text
        where current_setting('server_version_num')::int >= 150000)
 order by 1
