-- What a server says about itself, readable by every role. rds_replication is how Amazon RDS gives
-- the replication right, which no role attribute shows there.
select current_setting('server_version_num')::int as version,
       current_setting('server_version') as version_text,
       d.datname::text as database,
       d.oid::bigint as database_oid,
       r.rolname::text as role,
       r.rolsuper as superuser,
       r.rolsuper or r.rolreplication or exists (
           select from pg_roles g
            where g.rolname = 'rds_replication'
              and pg_has_role(r.oid, g.oid, 'member')) as may_replicate,
       pg_is_in_recovery() as standby,
       pg_encoding_to_char(d.encoding)::text as encoding,
       pg_postmaster_start_time() as started,
       coalesce(host(inet_server_addr()) || ':' || inet_server_port(), '') as address
  from pg_roles r, pg_database d
 where r.rolname = current_user and d.datname = current_database()
