-- Whether the schema of an earlier migration is here.
select to_regnamespace('lmtui') is not null
