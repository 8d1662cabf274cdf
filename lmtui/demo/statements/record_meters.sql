-- Meters of this moment, spread over the space dimension.
with added as (
    insert into telemetry."Meter events" ("Meter", "Read at", "kWh [total]", kind, raw)
    select 1 + mod(%(device)s + i, 60), clock_timestamp(), round((random() * 1e6)::numeric, 4),
           case when random() < 0.05 then 'reset' else 'read' end, decode(md5(random()::text), 'hex')
    from generate_series(1, %(rows)s) as i
    on conflict do nothing
    returning 1
)
select 'telemetry.Meter events', count(*), count(*) from added
