-- Setting a sequence is not undone by a rollback, and may be repeated.
select setval(%(sequence)s::regclass, %(last_value)s::bigint, %(is_called)s::boolean)
