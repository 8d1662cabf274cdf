"""What is on the target already, and what it can give."""

from lmtui.checks.check import BOTH, TARGET, Check, Outcome, blocker, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.wording import count, identifier, listing
from lmtui.database import Connection, run


def _empty(facts: Facts, session: Connection) -> Outcome:
    objects = run(session, "check_target_objects")
    if not objects:
        return ok("The target is empty")
    total = objects[0][2]
    detail = f"{listing([f'{kind} {name}' for kind, name, _ in objects], total, limit=5)}."
    if facts.plan.drop_if_exists:
        return warning(
            "The target is not empty, and what the source has too is dropped there",
            detail,
            "Without --drop-if-exists nothing is dropped.",
        )
    return blocker(
        f"The target is not empty: {count(total, 'object')}",
        detail,
        "Use an empty database:\n"
        "CREATE DATABASE new_name TEMPLATE template0 ENCODING 'UTF8';\n"
        "Or give --drop-if-exists, which drops on the target what the source has too.",
    )


def _leftovers(_facts: Facts, session: Connection) -> Outcome:
    [(there,)] = run(session, "check_target_leftovers")
    if not there:
        return ok("Nothing of an earlier migration is on the target")
    return blocker(
        "The schema of an earlier migration is on the target",
        "The schema lmtui holds that migration's progress.",
        "Run lmtui clean in that migration's directory; where that is gone, on the target:\n"
        "DROP SCHEMA lmtui CASCADE;",
    )


def _extensions(facts: Facts, _session: Connection) -> Outcome:
    wanted = sorted(set(facts.source.extensions) - set(facts.plan.skip_extensions))
    missing = [name for name in wanted if name not in facts.target.available]
    if not missing:
        return ok("The target has every extension of the source", listing(wanted))
    return blocker(
        f"The target lacks {count(len(missing), 'extension')} of the source",
        f"{listing([f'{name} {facts.source.extensions[name]}' for name in missing], limit=50)}.",
        "Install the packages on the target's server; or drop on the source what is not used:\n"
        + "\n".join(f"DROP EXTENSION {identifier(name)};" for name in missing)
        + f"\nOr leave them out: --skip-extensions {' '.join(missing)}",
    )


CHECKS = (
    Check("target.empty", TARGET, "whether the target is empty", _empty),
    Check("target.leftovers", TARGET, "what an earlier migration left on the target", _leftovers),
    Check("target.extensions", BOTH, "the source's extensions on the target", _extensions),
)
