"""What is on the target already, and what it can give."""

from lmtui.checks.check import TARGET, Check, Outcome, blocker, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.settings import change_database, change_server
from lmtui.checks.ways import one, statements_of
from lmtui.checks.wording import count, identifier, listing
from lmtui.database import Connection, run

WAL_SIZE_MB = 4096


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


def _read_only(facts: Facts, session: Connection) -> Outcome:
    setting = facts.target.details["default_transaction_read_only"]
    if setting.value != "on":
        return ok("The target may be written to")
    former = dict(run(session, "check_database_settings"))
    name = "default_transaction_read_only"
    advice = change_database(facts.target, name, "off", former.get(name))
    return warning(
        "Sessions of the target are read-only unless they say otherwise",
        "default_transaction_read_only is on. lmtui's own sessions are not bound by it, but the"
        " initial copy's are. Some services set it when the disk is full.",
        f"See that the disk has room. {advice.words}",
        advice.fixes,
    )


def _settings(facts: Facts, _session: Connection) -> Outcome:
    settings = facts.target.details
    wanted, details = {}, []
    if int(settings["max_wal_size"].value) < WAL_SIZE_MB:
        wanted["max_wal_size"] = "'4GB'"
        details.append(f"max_wal_size is {settings['max_wal_size'].shown}: many checkpoints")
    if settings["autovacuum"].value == "off":
        details.append("autovacuum is off")
    if settings["synchronous_standby_names"].value and (
        settings["synchronous_commit"].value not in ("off", "local")
    ):
        details.append("each commit waits for a synchronous standby")
    if not details:
        return ok("The target's settings suit a large load")
    advice = change_server(facts.target, wanted) if wanted else None
    return info(
        "The target could load faster",
        f"{'; '.join(details)}.",
        advice.words if advice else "Change that, at least until the migration is done.",
        advice.fixes if advice else (),
    )


def _event_triggers(facts: Facts, session: Connection) -> Outcome:
    names = [name for name, _, enabled in run(session, "check_event_triggers") if enabled]
    if not names:
        return ok("No event trigger is on the target")
    fixes = tuple(
        one(
            TARGET,
            name,
            f"Disable the event trigger {name} on the target",
            f"ALTER EVENT TRIGGER {identifier(name)} DISABLE;",
            # Harmless where it is gone meanwhile.
            f"DO $lmtui$ BEGIN ALTER EVENT TRIGGER {identifier(name)} ENABLE; EXCEPTION WHEN"
            " undefined_object THEN NULL; END $lmtui$;",
        )
        for name in names
    )
    return warning(
        "Event triggers of the target act on what is created there",
        f"{listing(names)}.",
        f"On the target, as a superuser, for the time of the migration:\n{statements_of(fixes)}",
        fixes if facts.target.superuser else (),
    )


CHECKS = (
    Check(
        "target.empty", TARGET, "whether the target is empty", _empty,
        why="What is there would be mixed with what is copied. Blocks; a warning where"
        " --drop-if-exists was given.",
    ),
    Check(
        "target.leftovers", TARGET, "what an earlier migration left on the target", _leftovers,
        why="The progress of another migration would be taken for ours. Blocks.",
    ),
    Check(
        "target.read_only", TARGET, "whether the target may be written to", _read_only,
        lambda facts: not facts.target.standby,
        why="A default of read-only makes the copy fail. A warning.",
    ),
    Check(
        "target.settings", TARGET, "the target's settings for a large load", _settings,
        why="Checkpoints, autovacuum and synchronous standbys decide how fast a load is. Good to"
        " know.",
    ),
    Check(
        "target.event_triggers", TARGET, "event triggers on the target", _event_triggers,
        why="They fire on every object that is created, and may refuse it. A warning.",
    ),
)  # fmt: skip
