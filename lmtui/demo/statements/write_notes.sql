-- Notes, in a table whose names need quotes.
with added as (
    insert into "Back office"."Order Notes [draft]" ("Order", "Text (long)")
    select i, repeat('table public.x: INSERT: a[integer]:1 ''', 10 * mod(i, 5))
    from generate_series(1, 1 + %(rows)s / 5) as i
    returning 1
)
select 'Back office.Order Notes [draft]', count(*), count(*) from added
