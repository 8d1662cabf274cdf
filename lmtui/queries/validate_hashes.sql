-- Two differently seeded hashes of each row's text, and how many rows have them.
select hashtextextended(row_text, 1), hashtextextended(row_text, 2), count(*)
from (select {text} collate "C" as row_text, clock_timestamp() as barrier from {relation}) as rows
group by 1, 2
order by 1, 2
