-- What this server gives of another's extensions: the version that is or would be installed, whether
-- the very version is available, and whether only superusers may create it.
select s.name, s.version, coalesce(e.extversion::text, a.default_version),
       exists (select from pg_available_extension_versions v
                where v.name = s.name and v.version = s.version),
       coalesce((select bool_and(v.superuser and not coalesce((to_jsonb(v) ->> 'trusted')::bool,
                                                              false))
                   from pg_available_extension_versions v
                  where v.name = s.name), false)
  from unnest(%(names)s::text[], %(versions)s::text[]) as s (name, version)
  left join pg_available_extensions a on a.name = s.name
  left join pg_extension e on e.extname = s.name
 order by s.name
