-- Notes go.
with gone as (
    delete from "Back office"."Order Notes [draft]"
    where "Note ID" = any (array(
        select (random() * (select max("Note ID") from "Back office"."Order Notes [draft]"))::bigint
        from generate_series(1, 1 + %(rows)s / 5)
    ))
    returning 1
)
select 'Back office.Order Notes [draft]', -count(*), count(*) from gone
