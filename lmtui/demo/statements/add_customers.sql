-- New customers, several in one statement, with text that is hard to quote.
with added as (
    insert into public.customers (email, name, tags, profile, birthday, photo)
    select gen_random_uuid() || '@example.org',
           (array['Żaneta ''Z'' O"Neil', 'NULL', '', 'C:\new\table', E'line\r\nbreak', '🐘 Ørsted'])
               [1 + mod(i, 6)],
           array['', null, '{"x"}', 'b\c', 'it''s'],
           jsonb_build_object('at', clock_timestamp(), 'n', random(), 'text', E'\\"\n'),
           case mod(i, 3) when 0 then null when 1 then '-infinity'::date
                          else date '2000-02-29' end,
           decode(md5(random()::text), 'hex')
    from generate_series(1, 1 + %(rows)s / 2) as i
    returning 1
)
select 'public.customers', count(*), count(*) from added
