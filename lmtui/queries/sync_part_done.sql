-- Whether the commit of a part's copy was heard of by the target.
select rows from lmtui.parts
where slot = %(slot)s and lsn = %(lsn)s::pg_lsn and schema = %(schema)s and name = %(name)s
  and part = %(part)s
