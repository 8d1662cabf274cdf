-- The synchronisation point of one table, in the place of the one that it had.
insert into lmtui.points (slot, schema, name, state, lsn)
values (%(slot)s, %(schema)s, %(name)s, %(state)s, %(lsn)s::pg_lsn)
on conflict (slot, schema, name) do update set state = excluded.state, lsn = excluded.lsn
