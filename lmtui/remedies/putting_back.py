"""SQL that puts back what others may have built upon since; it warns where it keeps it."""

from psycopg import sql

# How such a statement says why it did nothing.
KEPT = "lmtui kept: "

_EXTENSION = f"""\
DO $lmtui$ BEGIN IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = {{literal}}) THEN RETURN; \
END IF; IF EXISTS (SELECT FROM pg_class c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', \
'm', 'f') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND \
d.objid = c.oid AND d.deptype = 'e')) THEN RAISE WARNING '{KEPT}the database holds data'; RETURN; \
END IF; DROP EXTENSION {{name}}; EXCEPTION WHEN dependent_objects_still_exist THEN RAISE WARNING \
'{KEPT}objects need it'; END $lmtui$;"""  # noqa: S608 - constants; names are quoted below

_FORMER = f"""\
DO $lmtui$ BEGIN IF EXISTS (SELECT FROM pg_extension WHERE extname = {{literal}}) THEN IF NOT \
EXISTS (SELECT FROM pg_extension WHERE extname = {{literal}} AND extversion = {{version}}) THEN \
RAISE WARNING '{KEPT}another version is in use'; END IF; RETURN; END IF; CREATE EXTENSION {{name}} \
SCHEMA {{schema}} VERSION {{version}}; END $lmtui$;"""  # noqa: S608 - constants; names are quoted below

_ROLE = f"""\
DO $lmtui$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = {{literal}}) THEN DROP OWNED BY \
{{name}}; DROP ROLE {{name}}; END IF; EXCEPTION WHEN dependent_objects_still_exist OR \
insufficient_privilege THEN RAISE WARNING '{KEPT}it is used elsewhere'; END $lmtui$;"""


def drop_extension(name: str) -> str:
    """Drop an extension that lmtui had created; once the database holds data it is theirs."""
    return _named(_EXTENSION, name)


def create_extension(name: str, version: str, schema: str) -> str:
    """Create an extension again that lmtui had dropped, where there is none; `schema` is quoted."""
    return _FORMER.format(
        name=sql.Identifier(name).as_string(),
        literal=sql.Literal(name).as_string(),
        version=sql.Literal(version).as_string(),
        schema=schema,
    )


def drop_role(name: str) -> str:
    """Drop a role that lmtui created, with its grants in this database; not one in use elsewhere.

    Only for a database that was emptied: what the role owns there goes too.
    """
    return _named(_ROLE, name)


def _named(statement: str, name: str) -> str:
    return statement.format(
        name=sql.Identifier(name).as_string(), literal=sql.Literal(name).as_string()
    )
