-- Random orders go one status on; the trigger touches updated_at.
with changed as (
    update public.orders
    set status = case status when 'new' then 'paid' when 'paid' then 'packed'
                             when 'packed' then 'shipped' else 'new' end::public.order_status,
        note = case when random() < 0.1 then null else 'Shipped "today"\' end
    where order_id = any (array(
        select (random() * (select max(order_id) from public.orders))::bigint
        from generate_series(1, %(rows)s)
    ))
    returning 1
)
select 'public.orders', 0, count(*) from changed
