-- Readings go.
with gone as (
    delete from telemetry.readings
    where device_id between %(device)s and %(device)s + %(rows)s / 10
        and time >= %(since)s and time < %(until)s
    returning 1
)
select 'telemetry.readings', -count(*), count(*) from gone
