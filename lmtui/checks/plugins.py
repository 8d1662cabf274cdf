"""Which output plugin the source lets us use; answered by the probe with temporary slots."""

from lmtui.checks.check import SOURCE, Check, Outcome, blocker, failed, info, ok
from lmtui.checks.facts import Facts
from lmtui.checks.probe import REFUSED, UNKNOWN, WORKS
from lmtui.checks.wording import literal
from lmtui.database import Connection

# Both are equal choices; the first that works is taken.
PREFERENCE = ("wal2json", "test_decoding")
AUTO = "auto"


def candidates(chosen: str) -> tuple[str, ...]:
    """The plugins to try, by preference."""
    return PREFERENCE if chosen == AUTO else (chosen,)


def _reachable(facts: Facts) -> bool:
    return not facts.source.standby and not facts.replication.problem


def _any_plugin(facts: Facts, _session: Connection) -> Outcome:
    tried = [facts.replication.plugin(name) for name in candidates(facts.plan.plugin)]
    words = "\n".join(f"{plugin.name}: {plugin.words}" for plugin in tried if plugin.words)
    for plugin in tried:
        if plugin.verdict == WORKS:
            return ok(f"The output plugin {plugin.name} can be used", words)
    if any(plugin.verdict != REFUSED for plugin in tried):
        return failed(
            "The output plugins could not be tried",
            words,
            "Mend the other findings on replication first, then check again.",
        )
    if facts.plan.plugin == AUTO:
        return blocker("The source refuses both output plugins", words, _remedy(words))
    return blocker(
        f"The source refuses the output plugin {facts.plan.plugin}",
        words,
        f"Leave out --plugin, and the other one is tried; or:\n{_remedy(words)}",
    )


def _remedy(words: str) -> str:
    ways = []
    if "output plugin" in words:
        # As one string, the server would take the list for the name of one library.
        allowed = ", ".join(literal(name) for name in ("pgoutput", *reversed(PREFERENCE)))
        ways.append(
            "Allow them on the source, as a superuser (separate literals, not one string):\n"
            f"ALTER SYSTEM SET output_plugin_libraries = {allowed};\n"
            "SELECT pg_reload_conf();"
        )
    if "58P01" in words:
        ways.append(
            "Install what is missing on the source's server: test_decoding comes with PostgreSQL"
            " (postgresql-contrib on some systems), wal2json as postgresql-NN-wal2json."
        )
    return "\n".join(ways) or "Ask the source's administrator to allow test_decoding or wal2json."


def _one_plugin(name: str) -> Check:
    def run_one(facts: Facts, _session: Connection) -> Outcome:
        plugin = facts.replication.plugin(name)
        if plugin.verdict == WORKS:
            return ok(f"The source accepts {name}")
        return info(f"The source refuses {name}", plugin.words)

    def tried(facts: Facts) -> bool:
        # What could not be tried is said once, by source.plugin.
        return _reachable(facts) and facts.replication.plugin(name).verdict != UNKNOWN

    return Check(f"source.plugin.{name}", SOURCE, f"the output plugin {name}", run_one, tried)


def _any_works(facts: Facts) -> bool:
    return any(plugin.verdict == WORKS for plugin in facts.replication.plugins)


def _slot_creation(facts: Facts, _session: Connection) -> Outcome:
    holders = facts.replication.holders
    if not holders:
        return ok("A slot can be created on the source at once")
    pids = [holder.pid for holder in holders if holder.pid]
    ways = [f"SELECT pg_terminate_backend({pid});" for pid in pids]
    if len(pids) < len(holders):
        ways.append("For a prepared transaction, see the finding source.prepared_transactions.")
    return blocker(
        "A slot on the source would wait for open transactions",
        "The probe was given up while it waited for "
        + "; ".join(holder.description for holder in holders)
        + ".",
        "Let them end, or end them, if their owners agree:\n" + "\n".join(ways),
    )


CHECKS = (
    Check("source.plugin", SOURCE, "the output plugins", _any_plugin, _reachable),
    *(_one_plugin(name) for name in PREFERENCE),
    Check("source.slot_creation", SOURCE, "how soon a slot is made", _slot_creation, _any_works),
)
