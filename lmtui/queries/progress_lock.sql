-- Where replay stands, and that it stays there until the end of this transaction.
select commit_lsn::text from lmtui.progress where slot = %(slot)s for update
