-- What a server says about itself, readable by every role. rds_replication is how Amazon RDS gives
-- the replication right, which no role attribute shows there.
select current_setting('server_version_num')::int as version,
       current_setting('server_version') as version_text,
       d.datname::text as database,
       d.oid::bigint as database_oid,
       pg_has_role(d.datdba, 'usage') as database_owner,
       r.rolname::text as role,
       r.rolsuper as superuser,
       r.rolsuper or r.rolcreaterole as may_create_roles,
       r.rolsuper or r.rolreplication or exists (
           select from pg_roles g
            where g.rolname = 'rds_replication'
              and pg_has_role(r.oid, g.oid, 'member')) as may_replicate,
       -- Who may update or drop the extension.
       coalesce((select pg_has_role(e.extowner, 'usage')
                   from pg_extension e where e.extname = 'timescaledb'), true)
           as timescaledb_owner,
       pg_is_in_recovery() as standby,
       pg_encoding_to_char(d.encoding)::text as encoding,
       d.datcollate::text as collate,
       d.datctype::text as ctype,
       -- Columns that only newer versions have; provider c is libc, i ICU, b built in.
       concat_ws(' ', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
                 coalesce(to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale'))
           as locale_provider,
       pg_postmaster_start_time() as started,
       coalesce(host(inet_server_addr()) || ':' || inet_server_port(), '') as address,
       pg_database_size(d.oid) as bytes,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                            else pg_current_wal_lsn() end, '0/0') as lsn
  from pg_roles r, pg_database d
 where r.rolname = current_user and d.datname = current_database()
