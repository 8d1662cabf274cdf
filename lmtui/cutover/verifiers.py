"""SCRAM verifiers of roles, copied by consent: nobody's password is known by them."""

from contextlib import closing

from psycopg import sql

from lmtui.database import connect, run, said_plainly
from lmtui.endpoint import Endpoint


def copy_verifiers(source: Endpoint, target: Endpoint) -> list[str]:
    """Give the target's roles the verifiers that they have on the source; returns their names.

    The role that lmtui connects as, and superusers, keep their own. Raises ServerError where the
    source does not let verifiers be read (a superuser may), or the target refuses one.
    """
    with (
        closing(connect(source, read_only=True)) as connection,
        said_plainly(
            "The source does not let the roles' verifiers be read",
            "Cut over without --copy-passwords, and set passwords on the target.",
        ),
    ):
        verifiers = dict(run(connection, "role_verifiers"))
    with closing(connect(target, lock_timeout=30)) as connection:
        there = {name for (name,) in run(connection, "roles_to_verify")}
        names = sorted(verifiers.keys() & there)
        for name in names:
            with said_plainly(f"The target refused the verifier of the role {name}"):
                connection.execute(
                    sql.SQL("alter role {} password {}").format(
                        sql.Identifier(name), sql.Literal(verifiers[name])
                    )
                )
    return names
