-- Continuous aggregates of this database, by their view.
select view_schema::text, view_name::text
from timescaledb_information.continuous_aggregates
order by 1, 2
