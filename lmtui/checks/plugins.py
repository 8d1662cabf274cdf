"""Which output plugin the source lets us use; answered by the probe with temporary slots."""

from lmtui.checks.activity import LONG_SECONDS
from lmtui.checks.check import SOURCE, Check, Outcome, blocker, failed, info, ok, warning
from lmtui.checks.facts import Facts
from lmtui.checks.probe import REFUSED, UNKNOWN, WORKS
from lmtui.checks.settings import Advice, change_server
from lmtui.checks.ways import end_session
from lmtui.checks.wording import literal
from lmtui.database import Connection

# wal2json says nothing of an update or a delete that names no row: a table without a key, or a
# whole compressed batch (measured on 2.6 and 2.7). test_decoding shows it, and replay stops there.
PREFERENCE = ("test_decoding", "wal2json")
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
    advice = _advice(facts, words)
    if facts.plan.plugin == AUTO:
        return blocker("The source refuses both output plugins", words, advice.words, advice.fixes)
    return blocker(
        f"The source refuses the output plugin {facts.plan.plugin}",
        words,
        f"Leave out --plugin, and the other one is tried; or:\n{advice.words}",
        advice.fixes,
    )


def _advice(facts: Facts, words: str) -> Advice:
    ways: list[Advice] = []
    if "output plugin" in words and "output_plugin_libraries" in facts.source.details:
        # As one string, the server would take the list for the name of one library.
        allowed = ", ".join(literal(name) for name in ("pgoutput", *PREFERENCE))
        ways.append(change_server(facts.source, {"output_plugin_libraries": allowed}))
    elif "output plugin" in words and facts.source.provider.managed:
        libraries = {"output_plugin_libraries": ", ".join(("pgoutput", *PREFERENCE))}
        ways.append(Advice(facts.source.provider.change(libraries, restart=False)))
    elif "output plugin" in words:
        ways.append(
            Advice(
                "Allow them on the source, as a superuser (separate literals, not one string):\n"
                "ALTER SYSTEM SET output_plugin_libraries = 'pgoutput', 'test_decoding',"
                " 'wal2json';\nSELECT pg_reload_conf();"
            )
        )
    if "58P01" in words:
        ways.append(
            Advice(
                f"Ask the support of {facts.source.provider.label} for one of them."
                if facts.source.provider.managed
                else "Install what is missing on the source's server: test_decoding comes with"
                " PostgreSQL (postgresql-contrib on some systems), wal2json as"
                " postgresql-NN-wal2json."
            )
        )
    said = "\n".join(way.words for way in ways)
    return Advice(
        said or "Ask the source's administrator to allow test_decoding or wal2json.",
        tuple(fix for way in ways for fix in way.fixes),
    )


def _one_plugin(name: str) -> Check:
    def run_one(facts: Facts, _session: Connection) -> Outcome:
        plugin = facts.replication.plugin(name)
        if plugin.verdict == WORKS:
            return ok(f"The source accepts {name}")
        return info(f"The source refuses {name}", plugin.words)

    def tried(facts: Facts) -> bool:
        # What could not be tried is said once, by source.plugin.
        return _reachable(facts) and facts.replication.plugin(name).verdict != UNKNOWN

    return Check(
        f"source.plugin.{name}", SOURCE, f"the output plugin {name}", run_one, tried, probe=True,
        why=f"Whether {name} can be used, by itself. One of the two is enough. Good to know.",
    )  # fmt: skip


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
    # What was begun a moment ago ends soon on a busy source, and a slot can wait for that.
    brief = all(0 < (holder.seconds or 0) < LONG_SECONDS for holder in holders if holder.pid)
    say = warning if pids and brief and len(pids) == len(holders) else blocker
    return say(
        "A slot on the source would wait for open transactions",
        "The probe was given up while it waited for "
        + "; ".join(holder.description for holder in holders)
        + ".",
        "Let them end, or end them, if their owners agree:\n" + "\n".join(ways),
        tuple(end_session(SOURCE, pid) for pid in pids),
    )


CHECKS = (
    Check(
        "source.plugin", SOURCE, "the output plugins", _any_plugin, _reachable, probe=True,
        why="wal2json or test_decoding writes the changes. Each is tried with a temporary slot."
        " Blocks where none works.",
    ),
    *(_one_plugin(name) for name in PREFERENCE),
    Check(
        "source.slot_creation", SOURCE, "how soon a slot is made", _slot_creation, _any_works,
        why="A new slot waits for every transaction that has written, in any database of the"
        " server. Tried for 4 s. A warning where those are young, else it blocks.", probe=True,
    ),
)  # fmt: skip
