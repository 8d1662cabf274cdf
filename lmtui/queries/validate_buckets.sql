-- Rows and sums of hashes as in validate_checksum, apart by a hash of the rows' keys.
select hashtextextended(key_text, 3) & {mask} as bucket,
       count(*),
       sum(hashtextextended(row_text, 1))::text,
       sum(hashtextextended(row_text, 2))::text
from (select {key} collate "C" as key_text, {text} collate "C" as row_text,
             clock_timestamp() as barrier
      from {relation}) as rows
group by 1
