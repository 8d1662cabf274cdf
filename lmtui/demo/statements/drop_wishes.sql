-- Wishes go.
with gone as (
    delete from public.wishlists
    where customer_id = any (array(
        select customer_id from public.wishlists order by random() limit 1 + %(rows)s / 10
    ))
    returning 1
)
select 'public.wishlists', -count(*), count(*) from gone
