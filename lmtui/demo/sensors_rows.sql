-- Five days of readings up to last midnight, in chunks of a day. From then on chunks are short,
-- so that new ones appear while one looks.

insert into telemetry.devices (device_id, name, place, address, installed)
select i, 'Device ' || i, point(i / 3.0, -i / 7.0), ('08:00:2b:01:02:' || to_hex(mod(i, 256)))::macaddr,
       date '2024-01-01' + i
from generate_series(1, 200) as i;

insert into telemetry.readings (device_id, time, temperature, humidity, battery, payload)
select device_id, current_date - interval '5 days' + tick * (interval '5 days' / ticks),
       case when mod(device_id * tick, 1001) = 0 then 'NaN' else sin(tick / 50.0) * 30 end,
       mod(device_id * tick, 101) / 1.01,
       case when mod(tick, 20) = 0 then null else 4.2 - tick * 0.0001 end,
       case when mod(tick, 10) = 0 then jsonb_build_object('tick', tick, 'raw', sin(tick)) end
from pg_temp.scaled(600) as ticks
    cross join generate_series(1, 200) as device_id
    cross join lateral generate_series(0, ticks - 1) as tick;

insert into telemetry."Meter events" ("Meter", "Read at", "kWh [total]", kind, raw)
select meter, current_date - interval '5 days' + tick * (interval '5 days' / ticks),
       case when mod(tick, 500) = 7 then 'NaN' else tick * 0.37 + meter end,
       case when mod(tick, 100) = 0 then 'alarm' else 'read' end,
       case when mod(tick, 8) = 0 then decode(md5(tick::text), 'hex') end
from pg_temp.scaled(600) as ticks
    cross join generate_series(1, 60) as meter
    cross join lateral generate_series(0, ticks - 1) as tick;

select set_chunk_time_interval('telemetry.readings', interval '10 seconds');
select set_chunk_time_interval('telemetry."Meter events"', interval '10 seconds',
                               dimension_name => 'Read at');
