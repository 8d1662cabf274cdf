-- Readings that arrive late, into old chunks.
with added as (
    insert into telemetry.readings (device_id, time, temperature)
    select 1 + mod(%(device)s + i, 200), %(since)s + random() * (%(until)s - %(since)s), random()
    from generate_series(1, %(rows)s) as i
    on conflict do nothing
    returning 1
)
select 'telemetry.readings', count(*), count(*) from added
