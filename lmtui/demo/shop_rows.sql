-- The shop's rows at the chosen size; the same ones at every run.

insert into customers (email, name, tags, profile, birthday, photo, created_at, updated_at)
select format('customer%s@example.com', i),
       (array['Ada Lindgren', 'Bo Åkesson', 'José "Pepe" Ruiz', 'Niamh O''Brien',
              '山田 花子', 'Back\slash & Sons', E'Two\nlines', E'Tab\tsmith'])[1 + mod(i, 8)],
       case mod(i, 4)
           when 0 then '{}'
           when 1 then array['vip']
           when 2 then array['a,b', 'quote"d', 'NULL', '', '{}']
           else array[null, 'with space', 'back\slash']
       end,
       jsonb_build_object('language', (array['sv', 'es', 'ga', 'ja'])[1 + mod(i, 4)],
                          'visits', mod(i * 7919, 1000), 'score', i / 7.0,
                          'quote', 'it''s "so"', 'nothing', null),
       case when mod(i, 97) = 0 then 'infinity'::date
            when mod(i, 5) = 0 then null
            else date '1950-01-01' + mod(i * 37, 20000) end,
       case when mod(i, 3) = 0 then decode(md5(i::text) || '00ff5c27', 'hex') end,
       timestamptz '2025-01-01' + i * interval '97 minutes',
       timestamptz '2025-01-01' + i * interval '97 minutes'
from generate_series(1, pg_temp.scaled(5000)) as i;

insert into products (sku, name, description, price, weight, rating, sizes, datasheet, updated_at)
select 'SKU-' || lpad(i::text, 8, '0'),
       (array['Lamp', 'Chair', 'Table', 'Rug'])[1 + mod(i, 4)] || ' no. ' || i,
       (select string_agg(md5((i * 1000 + part)::text), ' ') from generate_series(1, 150) as part),
       round(mod(i * 7919, 100000) / 100.0, 2),
       case mod(i, 50) when 0 then 'NaN' when 1 then '-Infinity' when 2 then '-0'
                       else i / 7.0 end::double precision,
       case mod(i, 40) when 0 then 'NaN'::numeric when 1 then null
                       else 12345678901234567890.123456789 / i end,
       array[[i, i + 1], [i + 2, null]],
       format('{"b": %s,  "a": [1, 2.50, null], "a": "twice"}', i)::json,
       timestamptz '2025-01-01'
from generate_series(1, pg_temp.scaled(400)) as i;

insert into orders (customer_id, status, placed_at, delivery, note, updated_at)
select 1 + mod(i * 7919, (select max(customer_id) from customers)),
       (enum_range(null::order_status))[1 + mod(i, 5)],
       timestamptz '2025-01-01' + i * interval '19 minutes',
       case when mod(i, 6) = 0 then null
            when mod(i, 6) = 1 then 'empty'::tstzrange
            else tstzrange(timestamptz '2025-01-02' + i * interval '19 minutes',
                           case when mod(i, 6) = 2 then null
                                else timestamptz '2025-01-05' + i * interval '19 minutes' end)
       end,
       case mod(i, 4) when 0 then '' when 1 then 'Leave at the neighbour''s door, please'
                      when 2 then 'null' end,
       timestamptz '2025-01-01' + i * interval '20 minutes'
from generate_series(1, pg_temp.scaled(30000)) as i;

insert into order_lines (order_id, line, product_id, quantity, unit_price)
select order_id, line,
       1 + mod(order_id * 31 + line * 7, (select max(product_id) from products)),
       1 + mod(order_id + line, 4), round(mod(order_id * line * 7919, 100000) / 100.0, 2)
from orders cross join lateral generate_series(1, 1 + mod(order_id, 5)::integer) as line;

insert into payments (order_id, paid_at, amount, reference)
select order_id, placed_at + interval '3 hours', round(mod(order_id * 104729, 1000000) / 100.0, 2),
       md5(order_id::text)::uuid
from orders where mod(order_id, 4) <> 0;

insert into stock (warehouse, product_id, quantity, counted_at)
select warehouse, product_id, mod(product_id * 37, 500), timestamp '2025-06-01'
from products cross join unnest(array['Malmö', 'Cork', 'Osaka 大阪', 'Sevilla']) as warehouse;

insert into wishlists (customer_id, product_id, priority, remark)
select i, 1 + mod(i * 3, (select max(product_id) from products)), 1.0 / i,
       case when mod(i, 2) = 0 then 'for ' || i end
from generate_series(1, pg_temp.scaled(300)) as i;

insert into page_views (viewed_at, visitor, path, seconds, flags)
select timestamptz '2025-01-01' + i * interval '11 seconds',
       ('10.' || mod(i, 200) || '.' || mod(i, 250) || '.7')::inet,
       '/product/' || mod(i * 31, 400) || case when mod(i, 9) = 0 then '?q=a%20b&c=''' else '' end,
       case when mod(i, 11) = 0 then null else mod(i, 1000) / 3.0 end,
       mod(i, 16)::bit(4)::varbit
from generate_series(1, pg_temp.scaled(60000)) as i;

insert into coupons (code, percent, valid, used)
select 'CODE-' || md5(i::text), mod(i, 100), daterange(date '2025-01-01' + i, null),
       case when mod(i, 3) = 0 then make_interval(months => mod(i, 30), secs => i / 3.0) end
from generate_series(1, pg_temp.scaled(500)) as i;

insert into search_cache (term, results, found_at)
select 'term ' || i, jsonb_build_array(i, i + 1, 'x'), timestamptz '2025-06-01'
from generate_series(1, pg_temp.scaled(100)) as i;

insert into "Back office"."Order Notes [draft]" ("Order", "Text (long)", "user", "Written at")
select i, case mod(i, 3) when 0 then repeat('Called the customer. ', 40)
                         when 1 then 'BEGIN; table "x": INSERT: y[text]:''z''' end,
       'clerk', timestamp '2025-06-01' + i * interval '1 minute'
from generate_series(1, pg_temp.scaled(2000)) as i;
