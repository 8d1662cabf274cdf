-- Continuous aggregates, and whether they are in the finalized form; newer versions know no other.
select format('%I.%I', view_schema, view_name), coalesce(to_jsonb(a) ->> 'finalized', 'true')
  from timescaledb_information.continuous_aggregates a
 order by 1
