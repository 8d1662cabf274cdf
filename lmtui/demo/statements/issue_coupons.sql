-- New coupons.
with added as (
    insert into public.coupons (code, percent, valid, used)
    select 'NEW-' || gen_random_uuid(), round((random() * 100)::numeric, 2),
           daterange(current_date, current_date + i), make_interval(hours => -i, secs => random())
    from generate_series(1, 1 + %(rows)s / 4) as i
    returning 1
)
select 'public.coupons', count(*), count(*) from added
