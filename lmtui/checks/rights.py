"""What the two roles may do."""

import psycopg

from lmtui.checks.check import SOURCE, TARGET, Check, Outcome, blocker, ok
from lmtui.checks.facts import Facts
from lmtui.checks.wording import identifier, server_words
from lmtui.database import Connection, run

_REPLICATION_ROLE = "set local session_replication_role = replica"


def _replication_right(facts: Facts, _session: Connection) -> Outcome:
    source, problem = facts.source, facts.replication.problem
    # Some services give the right in ways of their own: what worked counts for more.
    if source.may_replicate or not problem:
        return ok(f"The role {source.role} may replicate from the source")
    who = "as an administrator of the service" if source.provider.managed else "as a superuser"
    return blocker(
        f"The role {source.role} has no right to replicate from the source",
        problem,
        f"On the source, {who}:\n{source.provider.grant_replication(source.role)}",
    )


def _replication_connection(facts: Facts, _session: Connection) -> Outcome:
    if problem := facts.replication.problem:
        return blocker(
            "The source refuses a replication connection",
            problem,
            "Connect to the server itself, not to a pooler or proxy, and let pg_hba.conf accept"
            " the role for this database from here.",
        )
    return ok("The source accepts a replication connection")


def _may_replicate(facts: Facts) -> bool:
    return not facts.source.standby and facts.source.may_replicate


def _target_rights(facts: Facts, session: Connection) -> Outcome:
    [(database, schema)] = run(session, "check_target_rights")
    role = identifier(facts.target.role)
    details, statements = [], []
    if not database:
        details.append(f"It has no CREATE on the database {facts.target.database}.")
        name = identifier(facts.target.database)
        statements.append(f"GRANT CREATE ON DATABASE {name} TO {role};")
    if not schema:
        details.append("It has no CREATE on the schema public.")
        statements.append(f"GRANT CREATE ON SCHEMA public TO {role};")
    if not details:
        return ok(f"The role {facts.target.role} may create objects on the target")
    return blocker(
        f"The role {facts.target.role} may not create objects on the target",
        " ".join(details),
        "On the target, as the database's owner:\n" + "\n".join(statements),
    )


def _replication_role(facts: Facts, session: Connection) -> Outcome:
    try:
        with session.transaction(force_rollback=True):
            session.execute(_REPLICATION_ROLE)
    except psycopg.errors.InsufficientPrivilege as error:
        role = identifier(facts.target.role)
        provider = facts.target.provider
        service = f"the administrator of {provider.label}"
        return blocker(
            f"The role {facts.target.role} may not set session_replication_role on the target",
            f"{server_words(error)}. Without it, triggers and foreign keys would act again on rows"
            " that are replayed.",
            f"On the target, as {service if provider.managed else 'a superuser'}, or connect so:\n"
            f"GRANT SET ON PARAMETER session_replication_role TO {role};"
            if facts.target.major >= 15
            else f"Connect to the target as {service if provider.managed else 'a superuser'}.",
        )
    return ok(f"The role {facts.target.role} may set session_replication_role on the target")


CHECKS = (
    Check(
        "source.replication_right", SOURCE, "the right to replicate from the source",
        _replication_right, lambda facts: not facts.source.standby, probe=True,
        why="A slot is made and read by a role with the replication right. Blocks.",
    ),
    Check(
        "source.replication_connection", SOURCE, "a replication connection to the source",
        _replication_connection, _may_replicate, probe=True,
        why="Tried as it will be used: a pooler or pg_hba.conf may refuse it. Blocks.",
    ),
    Check(
        "target.rights", TARGET, "the right to create on the target", _target_rights,
        why="The schema is created by this role. Blocks.",
    ),
    Check(
        "target.replication_role", TARGET,
        "the right to set session_replication_role on the target", _replication_role,
        why="It keeps triggers and foreign keys from acting again on replayed rows. Tried in a"
        " transaction that is rolled back. Blocks.",
    ),
)  # fmt: skip
