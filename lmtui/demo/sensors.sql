-- The demonstration's sensors: two hypertables, one of them with a space dimension.

create schema telemetry;

create table telemetry.devices (
    device_id integer primary key,
    name text not null,
    place point,
    address macaddr,
    installed date
);

create table telemetry.readings (
    device_id integer not null references telemetry.devices,
    time timestamptz not null,
    temperature double precision,
    humidity real,
    battery numeric,
    payload jsonb,
    primary key (device_id, time)
);
select create_hypertable('telemetry.readings', by_range('time', interval '1 day'));

create table telemetry."Meter events" (
    "Meter" integer not null,
    "Read at" timestamptz not null,
    "kWh [total]" numeric(14, 4),
    kind text not null default 'read' check (kind in ('read', 'reset', 'alarm')),
    raw bytea
);
select create_hypertable('telemetry."Meter events"', by_range('Read at', interval '1 day'));
select add_dimension('telemetry."Meter events"', by_hash('Meter', 2));
-- New chunks take the replica identity of their hypertable, each with its own copy of this index.
create unique index "Meter key" on telemetry."Meter events" ("Meter", "Read at");
alter table telemetry."Meter events" replica identity using index "Meter key";

comment on table telemetry.readings is 'One row per device and moment';

grant usage on schema telemetry to shop_app;
grant select, insert, update, delete on all tables in schema telemetry to shop_app;
