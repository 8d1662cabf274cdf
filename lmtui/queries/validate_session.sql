-- Settings of a comparing session, as far as this server knows them. Row security must raise an
-- error, not hide rows; a session that holds a snapshot idles on purpose; compiling a checksum
-- over hundreds of columns costs more than it saves.
select set_config(wanted.name, wanted.value, false)
from (values
        ('row_security', 'off'),
        ('jit', 'off'),
        ('idle_in_transaction_session_timeout', '0'),
        ('transaction_timeout', '0')
     ) as wanted(name, value)
where exists (select from pg_settings s where s.name = wanted.name)
