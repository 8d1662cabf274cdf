-- Meter events are corrected.
with changed as (
    update telemetry."Meter events"
    set "kWh [total]" = case when random() < 0.1 then null else random()::numeric end, raw = ''
    where "Meter" between mod(%(device)s, 60) and mod(%(device)s, 60) + %(rows)s / 10
        and "Read at" >= %(since)s and "Read at" < %(until)s
    returning 1
)
select 'telemetry.Meter events', 0, count(*) from changed
