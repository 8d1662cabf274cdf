-- Sequences that have used up more than 80 % of their range, and do not begin again.
select format('%I.%I', schemaname, sequencename), round(100.0 * last_value / max_value, 1)::text
  from pg_sequences
 where increment_by > 0 and not cycle and last_value > 0.8 * max_value
 order by 1
