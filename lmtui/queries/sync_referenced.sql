-- Whether a table is referenced by a foreign key of another one: TRUNCATE would refuse it.
select exists (select from pg_constraint
               where contype = 'f'
                 and confrelid = to_regclass(%(relation)s)
                 and conrelid <> confrelid)
