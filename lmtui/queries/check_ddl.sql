-- Statements that change the schema or rewrite tables, running in this database just now. Only their
-- kind is told, because a statement may hold secrets.
select pid, usename::text,
       upper((regexp_match(query, '^\s*(?:select\s+)?(\w+(?:\s+(?:materialized\s+)?\w+)?)', 'i'))[1]),
       extract(epoch from clock_timestamp() - query_start)::float8
  from pg_stat_activity
 where pid <> pg_backend_pid() and state <> 'idle' and datname = current_database()
   and query ~* ('^\s*(create|alter|drop|truncate|reindex|cluster|vacuum\s+full|refresh|'
                 'select\s+(\w+\.)?(compress_chunk|decompress_chunk|drop_chunks|create_hypertable'
                 '|alter_job|run_job|merge_chunks|split_chunk))')
 order by query_start
