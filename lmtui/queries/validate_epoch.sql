-- Since when the numbers of changes are counted without a break; empty where they are not to be
-- relied on: before PostgreSQL 15 some may be lost under load, and counting may be switched off.
select case when current_setting('server_version_num')::int >= 150000
                 and current_setting('track_counts') = 'on'
            then concat_ws(' ', pg_postmaster_start_time(), d.stats_reset, b.stats_reset)
            else '' end
from (select 1) as one
left join pg_stat_database d on d.datname = current_database()
left join pg_stat_bgwriter b on true
