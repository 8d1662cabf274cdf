-- What of an ordinary table TimescaleDB refuses on a hypertable, or takes in another way, by kind
-- and name; `other` is the table that references it, or how a trigger fires.
with wanted as materialized (
    select oid from unnest(%(oids)s::oid[]) as given (oid)
)
select r.ev_class::bigint as oid, 'rule' as kind, r.rulename::text as name, '' as other
  from pg_rewrite r
  join wanted w on w.oid = r.ev_class
union all
select k.conrelid::bigint, 'no inherit', k.conname::text, ''
  from pg_constraint k
  join wanted w on w.oid = k.conrelid
 where k.contype = 'c' and k.connoinherit
union all
-- Of PostgreSQL 18, a constraint that is NOT ENFORCED too, and one of NOT NULL.
select k.conrelid::bigint, 'not valid', k.conname::text, ''
  from pg_constraint k
  join wanted w on w.oid = k.conrelid
 where k.contype in ('c', 'n') and not k.convalidated
union all
select t.tgrelid::bigint, 'transition', t.tgname::text,
       case when t.tgtype & 1 = 1 then 'row' else 'statement' end
  from pg_trigger t
  join wanted w on w.oid = t.tgrelid
 where t.tgoldtable is not null or t.tgnewtable is not null
union all
select t.tgrelid::bigint,
       case t.tgenabled when 'D' then 'disabled' else 'enabled' end, t.tgname::text,
       case t.tgenabled when 'D' then '' when 'A' then 'ALWAYS' else 'for REPLICA' end
  from pg_trigger t
  join wanted w on w.oid = t.tgrelid
 where not t.tgisinternal
   -- One for statements is not put on chunks.
   and (t.tgenabled in ('A', 'R') or t.tgenabled = 'D' and t.tgtype & 1 = 1)
union all
select k.confrelid::bigint, 'referenced', k.conname::text,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_constraint k
  join wanted w on w.oid = k.confrelid
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where k.contype = 'f' and k.conparentid = 0
union all
select r.prrelid::bigint, 'published', quote_ident(p.pubname), ''
  from pg_publication_rel r
  join wanted w on w.oid = r.prrelid
  join pg_publication p on p.oid = r.prpubid
union all
select w.oid::bigint, 'published with all', quote_ident(p.pubname), ''
  from pg_publication p
 cross join wanted w
 where p.puballtables
 order by 1, 2, 3
