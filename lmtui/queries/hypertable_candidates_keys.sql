-- Unique indexes and exclusion constraints of ordinary tables: whether it is the primary key, a
-- unique index or an exclusion constraint, and the columns that keep equal rows in one chunk (of an
-- exclusion constraint those compared by =; those that are only included are not among them).
select i.indrelid::bigint, c.relname::text,
       case when i.indisprimary then 'primary key'
            when k.contype = 'x' then 'exclusion constraint'
            when k.contype = 'u' then 'unique constraint'
            else 'unique index' end,
       array(select m.attnum::int
               from unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) with ordinality m (attnum, n)
              where m.attnum > 0
                and (k.conexclop is null
                     or exists (select from pg_operator o
                                 where o.oid = k.conexclop[m.n] and o.oprname = '=')))
  from unnest(%(oids)s::oid[]) as w (oid)
  join pg_index i on i.indrelid = w.oid
  join pg_class c on c.oid = i.indexrelid
  left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
                           and k.contype in ('p', 'u', 'x')
 where i.indisunique or i.indisexclusion
 order by 1, 2
