-- Rows of one relation, and two sums of differently seeded hashes of each row's text.
-- clock_timestamp() is volatile: the planner then keeps the inner query by itself, so that a row's
-- text is made once for both hashes, while parallel workers stay possible.
select count(*),
       coalesce(sum(hashtextextended(row_text, 1)), 0)::text,
       coalesce(sum(hashtextextended(row_text, 2)), 0)::text
from (select {text} collate "C" as row_text, clock_timestamp() as barrier from {relation}) as rows
