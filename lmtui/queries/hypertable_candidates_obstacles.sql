-- What of an ordinary table TimescaleDB refuses on a hypertable, or did once, by kind and name;
-- `other` is the table that references it, `of` its oid, or how a trigger fires.
select r.ev_class::bigint as oid, 'rule' as kind, r.rulename::text as name, '' as other,
       0::bigint as of
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
 where c.relkind = 'r' and r.ev_class >= 16384
union all
select k.conrelid::bigint, 'no inherit', k.conname::text, '', 0
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
 where k.contype in ('c', 'n') and k.connoinherit and c.relkind = 'r' and k.conrelid >= 16384
union all
select t.tgrelid::bigint, 'transition', t.tgname::text,
       case when t.tgtype & 1 = 1 then 'row' else 'statement' end, 0
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
 where (t.tgoldtable is not null or t.tgnewtable is not null) and c.relkind = 'r'
union all
select t.tgrelid::bigint, 'enabled', t.tgname::text,
       case t.tgenabled when 'D' then 'is disabled' when 'A' then 'fires ALWAYS'
                        else 'fires for REPLICA' end, 0
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
 where not t.tgisinternal and t.tgenabled <> 'O' and c.relkind = 'r'
union all
select k.confrelid::bigint, 'referenced', k.conname::text,
       case when k.conrelid = k.confrelid then ''
            else quote_ident(n.nspname) || '.' || quote_ident(c.relname) end,
       k.conrelid::bigint
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where k.contype = 'f' and k.conparentid = 0
 order by 1, 2, 3
