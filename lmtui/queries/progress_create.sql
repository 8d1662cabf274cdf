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
    marker text not null default ''
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
