-- Payments move in time, some of them to another partition.
with changed as (
    update public.payments
    set paid_at = paid_at + (random() - 0.5) * interval '400 days'
    where order_id = any (array(
        select (random() * (select max(order_id) from public.orders))::bigint
        from generate_series(1, 1 + %(rows)s / 4)
    ))
    returning 1
)
select 'public.payments', 0, count(*) from changed
