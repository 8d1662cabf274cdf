-- Setting a sequence is not undone by a rollback, and may be repeated. A margin ends at the sequence's
-- own end; a value beyond that is the server's to refuse.
select setval(s.seqrelid,
              case when %(ahead)s::numeric = 0 then %(last_value)s::bigint
                   else greatest(least(%(last_value)s::numeric + %(ahead)s, s.seqmax), s.seqmin)::bigint
              end,
              %(is_called)s::boolean)
from pg_sequence s
where s.seqrelid = %(sequence)s::regclass
