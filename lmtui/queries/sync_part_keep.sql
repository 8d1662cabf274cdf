-- A part is copied: kept in the transaction that holds its rows.
insert into lmtui.parts (slot, lsn, schema, name, part, rows)
values (%(slot)s, %(lsn)s::pg_lsn, %(schema)s, %(name)s, %(part)s, %(rows)s)
