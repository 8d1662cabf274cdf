-- Stock is counted again: found by the unique index that is the replica identity.
with changed as (
    update public.stock
    set quantity = (random() * 1000)::integer, counted_at = localtimestamp
    where product_id = any (array(
        select (random() * (select max(product_id) from public.products))::integer
        from generate_series(1, 1 + %(rows)s / 4)
    ))
    returning 1
)
select 'public.stock', 0, count(*) from changed
