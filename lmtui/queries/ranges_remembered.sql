-- What replay remembers of each hypertable's time.
select fact from lmtui.learned where starts_with(key, 'ranges ')
