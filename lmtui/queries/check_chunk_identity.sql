-- Hypertables with chunks of another replica identity than their own: how many, an example, and the
-- hypertable's identity as SQL. An index that is gone cannot be named.
select format('%I.%I', n.nspname, c.relname), count(*)::int, min(k.oid::regclass::text),
       case c.relreplident when 'd' then 'DEFAULT' when 'f' then 'FULL' when 'n' then 'NOTHING'
            else 'USING INDEX ' || (select quote_ident(x.relname)
                                      from pg_index i
                                      join pg_class x on x.oid = i.indexrelid
                                     where i.indrelid = c.oid and i.indisreplident) end
  from timescaledb_information.hypertables h
  join pg_namespace n on n.nspname = h.hypertable_schema
  join pg_class c on c.relnamespace = n.oid and c.relname = h.hypertable_name
  join pg_inherits i on i.inhparent = c.oid
  join pg_class k on k.oid = i.inhrelid
 where k.relkind = 'r' and k.relreplident <> c.relreplident
 group by n.nspname, c.relname, c.oid, c.relreplident
 order by 1
