-- Meter events go.
with gone as (
    delete from telemetry."Meter events"
    where "Meter" between mod(%(device)s, 60) and mod(%(device)s, 60) + %(rows)s / 20
        and "Read at" >= %(since)s and "Read at" < %(until)s
    returning 1
)
select 'telemetry.Meter events', -count(*), count(*) from gone
