-- Which service runs this server, by the roles, settings and functions that it leaves visible. All
-- but self-hosted are told from the providers' documentation.
select case
    when exists (select from pg_proc where proname = 'aurora_version') then 'aurora'
    when exists (select from pg_roles where rolname in ('rdsadmin', 'rds_superuser'))
      or exists (select from pg_settings where name like 'rds.%') then 'rds'
    when exists (select from pg_roles where rolname = 'alloydbsuperuser')
      or exists (select from pg_settings where name like 'alloydb.%') then 'alloydb'
    when exists (select from pg_roles where rolname = 'cloudsqlsuperuser')
      or exists (select from pg_settings where name like 'cloudsql.%') then 'cloudsql'
    when exists (select from pg_roles where rolname in ('azure_pg_admin', 'azuresu'))
      or exists (select from pg_settings where name like 'azure.%') then 'azure'
    when exists (select from pg_roles where rolname = 'neon_superuser')
      or exists (select from pg_settings where name like 'neon.%') then 'neon'
    when exists (select from pg_roles where rolname = 'supabase_admin') then 'supabase'
    when exists (select from pg_roles where rolname ~ '^_aiven' or rolname = 'avnadmin')
      or exists (select from pg_available_extensions where name = 'aiven_extras')
    then case when exists (select from pg_roles where rolname = 'tsdbadmin')
              then 'mst' else 'aiven' end
    when exists (select from pg_roles where rolname in ('tsdbadmin', 'tsdbowner')) then 'tiger'
    when exists (select from pg_roles where rolname = 'doadmin') then 'digitalocean'
    when exists (select from pg_roles where rolname ~ '^crunchy_') then 'crunchy'
    else 'self-hosted' end
