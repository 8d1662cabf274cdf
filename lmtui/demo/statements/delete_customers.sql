-- Random customers that never ordered go.
with gone as (
    delete from public.customers
    where customer_id = any (array(
        select (random() * (select max(customer_id) from public.customers))::bigint
        from generate_series(1, %(rows)s)
    ))
    and not exists (select from public.orders where orders.customer_id = customers.customer_id)
    returning 1
)
select 'public.customers', -count(*), count(*) from gone
