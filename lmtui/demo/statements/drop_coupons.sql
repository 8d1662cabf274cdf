-- Coupons go.
with gone as (
    delete from public.coupons
    where code = any (array(
        select code from public.coupons order by random() limit 1 + %(rows)s / 5
    ))
    returning 1
)
select 'public.coupons', -count(*), count(*) from gone
