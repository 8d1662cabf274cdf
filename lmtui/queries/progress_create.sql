-- What replay remembers on the target, in the transaction that applies the changes: exactly once.
create schema if not exists lmtui;
create table if not exists lmtui.progress (
    slot text primary key,
    commit_lsn pg_lsn not null,
    committed_at bigint not null,
    inserted bigint not null default 0,
    updated bigint not null default 0,
    deleted bigint not null default 0,
    truncated bigint not null default 0,
    transactions bigint not null default 0,
    skipped bigint not null default 0,
    copied bigint not null default 0,
    marker text not null default '',
    points bigint not null default 0
);
create table if not exists lmtui.learned (
    slot text not null,
    key text not null,
    fact text not null,
    primary key (slot, key)
);
create table if not exists lmtui.skipped (
    slot text not null,
    change text not null,
    number bigint generated always as identity,
    refused text not null,
    primary key (slot, change)
);
-- Tables whose copy is as of another place of the stream than the snapshot of the slot. Of one that is
-- not done the changes are passed over; they are caught up with behind its copy.
create table if not exists lmtui.points (
    slot text not null,
    schema text not null,
    name text not null,
    state text not null check (state in ('copying', 'copied', 'done')),
    lsn pg_lsn,
    primary key (slot, schema, name)
);
-- Parts of tables that are copied, of a copy that is under way.
create table if not exists lmtui.parts (
    slot text not null,
    lsn pg_lsn not null,
    schema text not null,
    name text not null,
    part text not null,
    rows bigint not null,
    primary key (slot, lsn, schema, name, part)
);
