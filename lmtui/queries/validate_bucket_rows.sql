-- Each row of some buckets: its key, its key's columns as text, and its hashes.
select key_text, key_columns,
       hashtextextended(row_text, 1)::text || ':' || hashtextextended(row_text, 2)::text
from (select {key} collate "C" as key_text, {columns} as key_columns,
             {text} collate "C" as row_text, clock_timestamp() as barrier
      from {relation}) as rows
where hashtextextended(key_text, 3) & {mask} = any ({buckets})
