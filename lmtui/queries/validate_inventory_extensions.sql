-- Extensions with their versions.
select 'extension', quote_ident(extname), '', extversion::text
from pg_extension
