-- Page views, in a table without any key.
with added as (
    insert into public.page_views (viewed_at, visitor, path, seconds, flags)
    select clock_timestamp(), '2001:db8::1', '/search?q=' || i || '&x=''y''',
           case when random() < 0.1 then 'Infinity' else random() * 60 end, b'1011'
    from generate_series(1, %(rows)s) as i
    returning 1
)
select 'public.page_views', count(*), count(*) from added
