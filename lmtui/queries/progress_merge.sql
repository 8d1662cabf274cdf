-- Count what was applied under another name with the slot's own.
update lmtui.progress p
set inserted = p.inserted + c.inserted,
    updated = p.updated + c.updated,
    deleted = p.deleted + c.deleted,
    truncated = p.truncated + c.truncated,
    skipped = p.skipped + c.skipped
from lmtui.progress c
where p.slot = %(slot)s and c.slot = %(name)s
