-- Readings are corrected.
with changed as (
    update telemetry.readings
    set temperature = random() * 40, battery = null
    where device_id between %(device)s and %(device)s + %(rows)s / 5
        and time >= %(since)s and time < %(until)s
    returning 1
)
select 'telemetry.readings', 0, count(*) from changed
