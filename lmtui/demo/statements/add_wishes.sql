-- Wishes, each row of them different from all others.
with added as (
    insert into public.wishlists (customer_id, product_id, priority, remark)
    select (random() * 1e15)::bigint, i, random(), case when mod(i, 2) = 0 then 'wish' end
    from generate_series(1, 1 + %(rows)s / 10) as i
    returning 1
)
select 'public.wishlists', count(*), count(*) from added
