-- An interval as TimescaleDB counts it, in seconds: a month has 30 days. NULL where it never ends.
select case when isfinite(i)
            then (extract(year from i) * 360 + extract(month from i) * 30 + extract(day from i))
                 * 86400
                 + extract(hour from i) * 3600 + extract(minute from i) * 60
                 + extract(second from i) end::float8
  from (select %(interval)s::interval as i) given
