-- Profiles and tags of random customers change.
with changed as (
    update public.customers
    set profile = profile || jsonb_build_object('visits', (random() * 1e6)::integer),
        tags = case when random() < 0.3 then '{}' else tags[1:3] || 'seen'::text end
    where customer_id = any (array(
        select (random() * (select max(customer_id) from public.customers))::bigint
        from generate_series(1, %(rows)s)
    ))
    returning 1
)
select 'public.customers', 0, count(*) from changed
