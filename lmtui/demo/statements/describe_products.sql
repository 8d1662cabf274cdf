-- A few products get another long description.
with changed as (
    update public.products
    set description = (select string_agg(md5(random()::text), ' ') from generate_series(1, 150)),
        datasheet = '{"a" : 1,   "a": [true, "\u00e5"]}'
    where product_id = any (array(
        select (random() * (select max(product_id) from public.products))::integer
        from generate_series(1, 1 + %(rows)s / 20)
    ))
    returning 1
)
select 'public.products', 0, count(*) from changed
