-- Search results are kept, over those that were kept before.
with kept as (
    insert into public.search_cache (term, results)
    select 'search ' || i, jsonb_build_array(random(), null, 'x')
    from generate_series(1, %(rows)s) as i
    where not exists (select from public.search_cache where term = 'search ' || i)
    returning 1
)
select 'public.search_cache', count(*), count(*) from kept
