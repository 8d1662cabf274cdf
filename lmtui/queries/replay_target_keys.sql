-- Unique keys whose columns are never NULL, the narrowest first: any of them finds one row.
select array_agg(a.attname::text order by k.ord)
from pg_index i,
     unnest(i.indkey::int2[]) with ordinality k (attnum, ord),
     pg_attribute a
where i.indrelid = %(oid)s
  and i.indisunique and i.indisvalid and i.indimmediate
  and i.indpred is null and i.indexprs is null
  and k.ord <= i.indnkeyatts
  and a.attrelid = i.indrelid and a.attnum = k.attnum
group by i.indexrelid, i.indisprimary, i.indnkeyatts
having bool_and(a.attnotnull)
order by i.indisprimary desc, i.indnkeyatts
