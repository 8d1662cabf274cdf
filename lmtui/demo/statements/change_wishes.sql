-- Wishes change; all of the old row identifies it.
with changed as (
    update public.wishlists
    set priority = random(), remark = case when remark is null then 'now' end
    where customer_id = any (array(
        select customer_id from public.wishlists order by random() limit 1 + %(rows)s / 10
    ))
    returning 1
)
select 'public.wishlists', 0, count(*) from changed
