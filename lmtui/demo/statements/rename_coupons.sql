-- Primary keys change.
with changed as (
    update public.coupons
    set code = 'RE-' || gen_random_uuid()
    where code = any (array(
        select code from public.coupons order by random() limit 1 + %(rows)s / 10
    ))
    returning 1
)
select 'public.coupons', 0, count(*) from changed
