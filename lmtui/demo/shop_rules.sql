-- What holds between the shop's tables, what is derived from them, and who may write to them.

alter table customers add unique (email);
alter table orders add foreign key (customer_id) references customers;
alter table order_lines
    add foreign key (order_id) references orders on delete cascade,
    add foreign key (product_id) references products;
create index on orders (customer_id);
create index on orders (status) where status <> 'shipped';
create index on order_lines (product_id);
create index on payments (order_id);
create index on customers using gin (profile);
create index on customers (lower(name));
alter table payments add foreign key (order_id) references orders on delete cascade;

create trigger touch before update on customers
    for each row execute function touch_updated_at();
create trigger touch before update on orders
    for each row execute function touch_updated_at();
create trigger touch before update of price, description on products
    for each row execute function touch_updated_at();

create view open_orders as
    select order_id, name as customer, placed_at, order_total(order_id) as total
    from orders join customers using (customer_id)
    where status in ('new', 'paid', 'packed');

create materialized view sales_per_day as
    select placed_at::date as day, count(*) as orders, sum(amount) as amount
    from orders join order_lines using (order_id)
    group by 1;
create unique index on sales_per_day (day);

comment on table customers is 'People who bought "something" once';
comment on column products.weight is 'Kilograms; NaN where it was never weighed';
comment on function order_total(bigint) is 'What an order''s lines come to, without tax';

grant usage on schema public, "Back office" to shop_app;
grant select, insert, update, delete on all tables in schema public, "Back office" to shop_app;
grant truncate on search_cache to shop_app;
grant usage on all sequences in schema public, "Back office" to shop_app;
