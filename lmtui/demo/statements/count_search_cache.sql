-- What a TRUNCATE in the same transaction will take away.
select 'public.search_cache', -count(*), count(*) from public.search_cache
