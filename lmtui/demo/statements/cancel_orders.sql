-- Random orders go, and their lines and payments with them by cascade. What goes by cascade is
-- counted in the state before this statement, which is what its other parts see.
with gone as (
    delete from public.orders
    where order_id = any (array(
        select (random() * (select max(order_id) from public.orders))::bigint
        from generate_series(1, 1 + %(rows)s / 10)
    ))
    returning order_id
)
select 'public.orders', -count(*), count(*) from gone
union all
select 'public.order_lines', -count(*), count(*)
from public.order_lines where order_id = any (array(select order_id from gone))
union all
select 'public.payments', -count(*), count(*)
from public.payments where order_id = any (array(select order_id from gone))
