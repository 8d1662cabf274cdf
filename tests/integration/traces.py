"""What lmtui might leave behind on a server."""

from lmtui.database import connect
from lmtui.endpoint import Endpoint

# What a migration might leave behind on a server. Chunks come from the writer.
_TRACES = (
    "select slot_name from pg_replication_slots",
    "select pubname from pg_publication",
    "select extname, extversion from pg_extension",
    "select evtname from pg_event_trigger",
    "select nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp_'",
    "select setdatabase, setrole, setconfig from pg_db_role_setting",
    "select datname, datacl, datconnlimit from pg_database where datname = current_database()",
    "select rolname, rolconfig, rolsuper, rolreplication from pg_roles",
    "select oid::regclass, relkind, relreplident, relacl from pg_class"
    " where relnamespace not in (select oid from pg_namespace"
    " where nspname ~ '^(pg_|_timescaledb_internal)')",
    "select oid::regprocedure from pg_proc where oid > 16383",
    "select job_id, proc_name, scheduled, config from timescaledb_information.jobs",
    "select name, setting from pg_file_settings",
    "select gid from pg_prepared_xacts",
)


def traces(endpoint: Endpoint) -> list[list[str]]:
    """All of it, to be compared with what is there later."""
    with connect(endpoint, read_only=True) as connection:
        return [
            sorted(str(row) for row in connection.execute(query.encode()).fetchall())
            for query in _TRACES
        ]
