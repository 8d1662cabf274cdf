-- The exact position of one sequence. The view pg_sequences does not tell a sequence that was
-- never called from one that was set back.
select {number}::int as number, last_value, is_called from {sequence}
