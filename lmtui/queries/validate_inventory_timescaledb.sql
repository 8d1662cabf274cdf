-- Hypertables' dimensions, compression and its settings, continuous aggregates, jobs. to_jsonb, since columns differ by
-- version.
select 'dimension', format('%%s of %%I.%%I', d.j ->> 'dimension_number', d.j ->> 'hypertable_schema',
                           d.j ->> 'hypertable_name'),
       quote_ident(d.j ->> 'hypertable_schema') || '.' || quote_ident(d.j ->> 'hypertable_name'),
       concat_ws(' ', d.j ->> 'column_name', d.j ->> 'column_type', d.j ->> 'time_interval',
                 d.j ->> 'integer_interval', d.j ->> 'integer_now_func', d.j ->> 'num_partitions')
from (select to_jsonb(x) as j from timescaledb_information.dimensions x) d
union all
select 'compression', format('of %%I.%%I', h.j ->> 'hypertable_schema', h.j ->> 'hypertable_name'),
       quote_ident(h.j ->> 'hypertable_schema') || '.' || quote_ident(h.j ->> 'hypertable_name'),
       h.j ->> 'compression_enabled'
from (select to_jsonb(x) as j from timescaledb_information.hypertables x) h
union all
-- Beside the catalogs, which differ, this view is the same from 2.0 to 2.29.
select 'compression setting',
       format('of %%I.%%I', s.hypertable_schema, s.hypertable_name),
       quote_ident(s.hypertable_schema) || '.' || quote_ident(s.hypertable_name),
       concat_ws(', ',
           'segment by ' || string_agg(quote_ident(s.attname), ', ' order by s.segmentby_column_index)
                                filter (where s.segmentby_column_index is not null),
           'order by ' || string_agg(
               concat_ws(' ', quote_ident(s.attname),
                         case when not s.orderby_asc then 'desc' end,
                         case when s.orderby_nullsfirst then 'nulls first' else 'nulls last' end),
               ', ' order by s.orderby_column_index)
                                filter (where s.orderby_column_index is not null))
from timescaledb_information.compression_settings s
group by s.hypertable_schema, s.hypertable_name
union all
select 'number of chunks', format('of %%I.%%I', hypertable_schema, hypertable_name),
       quote_ident(hypertable_schema) || '.' || quote_ident(hypertable_name),
       count(*)::text
from timescaledb_information.chunks
group by hypertable_schema, hypertable_name
union all
select 'continuous aggregate', format('%%I.%%I', a.j ->> 'view_schema', a.j ->> 'view_name'), '',
       concat_ws(' ', 'of', a.j ->> 'hypertable_name', 'materialized only', a.j ->> 'materialized_only',
                 md5(a.j ->> 'view_definition'))
from (select to_jsonb(x) as j from timescaledb_information.continuous_aggregates x) a
union all
select 'job', format('%%s %%s of %%s', j.j ->> 'job_id', j.j ->> 'proc_name',
                     coalesce(j.j ->> 'hypertable_name', 'no hypertable')), '',
       concat_ws(' ', 'every', j.j ->> 'schedule_interval', j.j ->> 'config')
from (select to_jsonb(x) as j from timescaledb_information.jobs x) j
where (j.j ->> 'job_id')::int >= 1000
