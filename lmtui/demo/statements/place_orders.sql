-- New orders of random customers, with three lines each, every other one paid.
with bought as (
    select customer_id from public.customers
    where customer_id = any (array(
        select (random() * (select max(customer_id) from public.customers))::bigint
        from generate_series(1, %(rows)s)
    ))
), placed as (
    insert into public.orders (customer_id, delivery, note)
    select customer_id, tstzrange(now() + interval '1 day', now() + interval '3 days', '[]'), 'it''s new'
    from bought
    returning order_id
), lines as (
    insert into public.order_lines (order_id, line, product_id, quantity, unit_price)
    select order_id, line,
           1 + (random() * ((select max(product_id) from public.products) - 1))::integer,
           1 + (random() * 9)::integer, round((random() * 1000)::numeric, 2)
    from placed cross join generate_series(1, 3) as line
    returning 1
), paid as (
    insert into public.payments (order_id, amount)
    select order_id, round((random() * 1000)::numeric, 2) from placed where mod(order_id, 2) = 0
    returning 1
)
select 'public.orders', count(*), count(*) from placed
union all
select 'public.order_lines', count(*), count(*) from lines
union all
select 'public.payments', count(*), count(*) from paid
