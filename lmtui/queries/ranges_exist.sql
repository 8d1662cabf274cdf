-- Whether replay remembers anything on this server.
select to_regclass('lmtui.learned') is not null
