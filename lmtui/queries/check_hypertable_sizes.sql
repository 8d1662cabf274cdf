-- Hypertables, how many chunks each has (by inheritance, which is quicker than the view), and how
-- many dimensions.
select format('%I.%I', h.hypertable_schema, h.hypertable_name),
       (select count(*)::int
          from pg_inherits i
         where i.inhparent = format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass),
       h.num_dimensions::int
  from (select hypertable_schema, hypertable_name, num_dimensions
          from timescaledb_information.hypertables) h
 order by 2 desc, 1
