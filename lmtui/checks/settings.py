"""Remedies that change a setting: of the server, of the database, or of our own role."""

from collections.abc import Mapping
from typing import NamedTuple

from lmtui.checks.facts import Server, Setting
from lmtui.checks.wording import identifier, literal
from lmtui.remedies.remedy import RESTART, SQL, Remedy, Step

_RELOAD = "SELECT pg_reload_conf();"
# Settings that are lists: one literal for all would be taken for the name of one.
_LISTS = ("output_plugin_libraries", "synchronous_standby_names")


class Advice(NamedTuple):
    """What to do, in words with the exact SQL, and what lmtui can apply itself."""

    words: str
    fixes: tuple[Remedy, ...] = ()


def change_server(server: Server, wanted: Mapping[str, str], purpose: str = "") -> Advice:
    """Change settings of the server; `wanted` maps their names to SQL literals.

    On a service, that is said in its own terms. Otherwise it is ALTER SYSTEM, for superusers.
    `purpose` is a half sentence that says until when, or on what condition.
    """
    restart = any(server.details[name].context == "postmaster" for name in wanted)
    if server.provider.managed:
        return Advice(server.provider.change(wanted, restart=restart))
    statements = [f"ALTER SYSTEM SET {name} = {value};" for name, value in wanted.items()]
    if not restart:
        statements.append(_RELOAD)
    condition = f", {purpose}" if purpose else ""
    who = "" if server.superuser else ", as a superuser"
    then = ", then restart its PostgreSQL" if restart else ""
    words = "\n".join([f"On the {server.side}{who}{then}{condition}:", *statements])
    if not server.superuser:
        return Advice(words)
    steps = [
        Step(statement=statement, undo=_former_in_file(name, server.details[name]))
        for (name, _), statement in zip(wanted.items(), statements, strict=False)
    ]
    # Put back in the reverse order, what was set is reloaded last. What needs a restart is reloaded
    # too: only then does the server know that it is pending.
    steps = [Step(undo=_RELOAD), *steps, Step(statement=_RELOAD)]
    names = " and ".join(wanted)
    remedy = Remedy(
        name=next(iter(wanted)),
        side=server.side,
        consent=f"Set {names} on the {server.side}'s server"
        + ("; it is in force after a restart" if restart else ""),
        steps=tuple(steps),
        kind=RESTART if restart else SQL,
    )
    return Advice(words, (remedy,))


def _former_in_file(name: str, setting: Setting) -> str:
    if not setting.file.endswith("postgresql.auto.conf"):
        return f"ALTER SYSTEM RESET {name};"
    values = setting.shown.split(",") if name in _LISTS else [setting.shown]
    return f"ALTER SYSTEM SET {name} = {', '.join(literal(v.strip()) for v in values)};"


def change_database(server: Server, name: str, value: str, former: str | None) -> Advice:
    """Change a setting of the database, for sessions to come; `former` is its own value there."""
    head = f"ALTER DATABASE {identifier(server.database)}"
    return _change_default(server, head, name, value, former, "the database's owner")


def change_own_role(server: Server, name: str, value: str, former: str | None) -> Advice:
    """Change a setting of our own role in the database, for sessions to come."""
    head = f"ALTER ROLE {identifier(server.role)} IN DATABASE {identifier(server.database)}"
    return _change_default(server, head, name, value, former, "")


def _change_default(
    server: Server, head: str, name: str, value: str, former: str | None, owner: str
) -> Advice:
    statement = f"{head} SET {name} = {value};"
    undo = f"{head} RESET {name};" if former is None else f"{head} SET {name} = {literal(former)};"
    allowed = server.superuser or not owner or server.database_owner
    who = "" if allowed else f", as {owner}"
    words = f"On the {server.side}{who}, for sessions that begin afterwards:\n{statement}"
    if not allowed:
        return Advice(words)
    remedy = Remedy(
        name=name,
        side=server.side,
        consent=f"Set {name} to {value} for new sessions on the {server.side}",
        steps=(Step(statement=statement, undo=undo),),
    )
    return Advice(words, (remedy,))
