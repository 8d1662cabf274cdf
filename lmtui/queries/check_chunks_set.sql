-- Hypertables, by their names, of which every chunk names its rows by itself: by the whole row or
-- by an index. One without chunks is none of them.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_inherits i on i.inhparent = c.oid
  join pg_class k on k.oid = i.inhrelid and k.relkind = 'r'
 where quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any(%(names)s)
 group by 1
having bool_and(k.relreplident in ('f', 'i'))
