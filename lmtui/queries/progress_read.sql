-- Where replay stands: all before commit_lsn is applied.
select commit_lsn::text, committed_at, inserted, updated, deleted, truncated, transactions, skipped,
    copied, marker, points
from lmtui.progress
where slot = %(slot)s
