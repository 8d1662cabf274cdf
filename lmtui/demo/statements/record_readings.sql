-- Readings of this moment: new chunks appear as time goes on.
with added as (
    insert into telemetry.readings (device_id, time, temperature, humidity, battery, payload)
    select 1 + mod(%(device)s + i, 200), clock_timestamp(),
           case when random() < 0.01 then 'NaN' else random() * 40 end, random(),
           round(random()::numeric, 3), case when random() < 0.1 then '{"alarm": [1, null]}'::jsonb end
    from generate_series(1, %(rows)s) as i
    on conflict do nothing
    returning 1
)
select 'telemetry.readings', count(*), count(*) from added
