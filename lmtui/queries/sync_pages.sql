-- A table's pages, by its file's size.
select coalesce(pg_relation_size(to_regclass(%(relation)s)) / current_setting('block_size')::int, 0)::int
