-- Quantities change, and with them the generated amounts.
with changed as (
    update public.order_lines
    set quantity = 1 + (random() * 99)::integer
    where line = 1 and order_id = any (array(
        select (random() * (select max(order_id) from public.orders))::bigint
        from generate_series(1, %(rows)s)
    ))
    returning 1
)
select 'public.order_lines', 0, count(*) from changed
