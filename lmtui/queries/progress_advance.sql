-- Advance, but only from where this process believes it is, and by the synchronisation points that it
-- knows: of two appliers one must give way.
update lmtui.progress
set commit_lsn = %(to)s::pg_lsn,
    committed_at = %(at)s,
    inserted = inserted + %(insert)s,
    updated = updated + %(update)s,
    deleted = deleted + %(delete)s,
    truncated = truncated + %(truncate)s,
    transactions = transactions + %(transactions)s,
    skipped = skipped + %(skipped)s,
    copied = copied + %(copied)s,
    marker = case when %(marker)s::text = '' then marker else %(marker)s end
where slot = %(slot)s and commit_lsn = %(from)s::pg_lsn and points = %(points)s
