-- Tables of schedulers that change the schema, or run jobs, by themselves.
select name
  from (values ('pg_cron', to_regclass('cron.job')),
               ('pg_partman', coalesce(to_regclass('partman.part_config'),
                                       to_regclass('public.part_config'))),
               ('pg_repack', to_regclass('repack.primary_keys')),
               ('pgagent', to_regclass('pgagent.pga_job'))) as tool (name, found)
 where found is not null
