-- No time-out of the server's may end a long copy; which there are differs by version.
select set_config(name, '0', false)
from pg_settings
where name in ('idle_in_transaction_session_timeout', 'statement_timeout', 'transaction_timeout')
