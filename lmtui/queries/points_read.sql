-- The synchronisation points of a slot's tables.
select schema, name, state, lsn::text
from lmtui.points
where slot = %(slot)s
order by schema, name
