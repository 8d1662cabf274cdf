-- Foreign keys that reference ordinary tables, with the table that they are of.
select n.nspname::text, c.relname::text,
       quote_ident(k.conname) || ' of ' || quote_ident(tn.nspname) || '.' || quote_ident(t.relname)
from pg_constraint k
join pg_class c on c.oid = k.confrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = k.conrelid
join pg_namespace tn on tn.oid = t.relnamespace
where k.contype = 'f' and k.conparentid = 0 and c.relkind = 'r'
order by 3
