-- Prices change beside a long description that stays as it is, and is not in the stream then.
with changed as (
    update public.products
    set price = round((random() * 1e6)::numeric, 2),
        rating = case when random() < 0.1 then 'Infinity' else random()::numeric / 3 end,
        weight = random() * 1e-300
    where product_id = any (array(
        select (random() * (select max(product_id) from public.products))::integer
        from generate_series(1, 1 + %(rows)s / 2)
    ))
    returning 1
)
select 'public.products', 0, count(*) from changed
