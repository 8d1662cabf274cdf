-- Enums with their labels in order, domains, and composite types of their own.
select case t.typtype when 'e' then 'enum' when 'd' then 'domain' else 'composite type' end,
       quote_ident(n.nspname) || '.' || quote_ident(t.typname),
       '',
       case t.typtype
            when 'e' then (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
                           from pg_enum e where e.enumtypid = t.oid)
            when 'd' then concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                                    case when t.typnotnull then 'not null' end,
                                    'default ' || t.typdefault,
                                    (select string_agg(pg_get_constraintdef(k.oid), ' '
                                                       order by k.conname)
                                     from pg_constraint k
                                     where k.contypid = t.oid and k.contype = 'c'))
            else (select string_agg(quote_ident(a.attname) || ' '
                                      || format_type(a.atttypid, a.atttypmod), ', '
                                    order by a.attnum)
                  from pg_attribute a
                  where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) end
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where n.nspname !~ %(hidden_schemas)s
  and (t.typtype in ('e', 'd')
       or t.typtype = 'c' and exists (select from pg_class c
                                      where c.oid = t.typrelid and c.relkind = 'c'))
  and not exists (select from pg_depend d
                  where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
