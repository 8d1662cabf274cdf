-- Readings get another time, which is part of their key, within their chunk.
with changed as (
    update telemetry.readings
    set time = time + interval '1 microsecond'
    where device_id between %(device)s and %(device)s + %(rows)s / 20
        and time >= %(since)s and time < %(until)s
    returning 1
)
select 'telemetry.readings', 0, count(*) from changed
