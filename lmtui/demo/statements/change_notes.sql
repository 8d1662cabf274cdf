-- Notes change.
with changed as (
    update "Back office"."Order Notes [draft]"
    set "Text (long)" = case when random() < 0.3 then null else md5(random()::text) end
    where "Note ID" = any (array(
        select (random() * (select max("Note ID") from "Back office"."Order Notes [draft]"))::bigint
        from generate_series(1, 1 + %(rows)s / 5)
    ))
    returning 1
)
select 'Back office.Order Notes [draft]', 0, count(*) from changed
