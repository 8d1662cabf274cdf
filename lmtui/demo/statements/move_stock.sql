-- Stock moves to another warehouse: the columns of its replica identity change.
with changed as (
    update public.stock
    set warehouse = 'Hall "' || (random() * 1e9)::bigint || '"'
    where warehouse <> 'Malmö' and product_id = any (array(
        select (random() * (select max(product_id) from public.products))::integer
        from generate_series(1, 1 + %(rows)s / 10)
    ))
    returning 1
)
select 'public.stock', 0, count(*) from changed
