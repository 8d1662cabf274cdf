-- The columns, with their types, of the key by which a row of a table is shown: the primary key, else
-- a unique one over columns that are not null.
select a.attname::text, format_type(a.atttypid, a.atttypmod)
from (select i.indkey::int2[] as columns, i.indrelid
      from pg_index i
      where i.indrelid = to_regclass(%(relation)s)
        and i.indisunique and i.indisvalid and i.indpred is null
        and not exists (select from unnest(i.indkey::int2[]) as k(number)
                        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                        where a.attnotnull is not true)
      order by i.indisprimary desc, i.indnatts, i.indexrelid
      limit 1) as key
cross join unnest(key.columns) with ordinality as k(number, position)
join pg_attribute a on a.attrelid = key.indrelid and a.attnum = k.number
order by k.position
