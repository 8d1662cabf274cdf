-- Publications: they are not copied as replication is not, and whoever subscribes must know.
select 'publication', quote_ident(pubname), '',
       concat_ws(' ', case when puballtables then 'for all tables' end,
                 case when pubinsert then 'insert' end, case when pubupdate then 'update' end,
                 case when pubdelete then 'delete' end, case when pubtruncate then 'truncate' end)
from pg_publication
