"""What a check is: one question with a stable id, asked of facts and of one side's session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from lmtui.checks.facts import Facts
from lmtui.checks.wording import server_words
from lmtui.database import Connection
from lmtui.events import Finding
from lmtui.remedies.remedy import Remedy

SOURCE = "source"
TARGET = "target"
BOTH = "both"
HOST = "host"


class Outcome(NamedTuple):
    """The answer to a check; `title` is one sentence, `detail` its evidence."""

    severity: str
    title: str
    detail: str = ""
    remedy: str = ""
    fixes: tuple[Remedy, ...] = ()


def ok(title: str, detail: str = "") -> Outcome:
    """All is well."""
    return Outcome("ok", title, detail)


def info(title: str, detail: str = "", remedy: str = "", fixes: tuple[Remedy, ...] = ()) -> Outcome:
    """Good to know; nothing needs to be done."""
    return Outcome("info", title, detail, remedy, fixes)


def warning(title: str, detail: str, remedy: str, fixes: tuple[Remedy, ...] = ()) -> Outcome:
    """The migration can run; the operator should look at this first."""
    return Outcome("warning", title, detail, remedy, fixes)


def blocker(title: str, detail: str, remedy: str, fixes: tuple[Remedy, ...] = ()) -> Outcome:
    """The migration would fail, or lose data."""
    return Outcome("blocker", title, detail, remedy, fixes)


def failed(title: str, detail: str, remedy: str = "") -> Outcome:
    """The question could not be answered. Never a pass."""
    return Outcome("failed", title, detail, remedy)


def always(_facts: Facts) -> bool:
    """The check is for every pair of servers."""
    return True


@dataclass(frozen=True)
class Check:
    """One question.

    `side` is source, target, both or host (where lmtui runs). `title` is what is looked at, for a
    check that could not run. `run` gets the read-only session of its side; checks of both, and of
    the host, are handed the source's. `why` says what is at stake and how grave each answer is.
    `probe` is for what needs the probe of replication.
    """

    id: str
    side: str
    title: str
    run: Callable[[Facts, Connection], Outcome]
    applies: Callable[[Facts], bool] = always
    why: str = ""
    probe: bool = False
    topic: str = ""

    def __call__(self, facts: Facts, session: Connection) -> Finding:
        """Ask, and give the finding; a server's refusal to answer is one too."""
        try:
            outcome = self.run(facts, session)
        except psycopg.Error as error:
            outcome = failed(f"Not checked: {self.title}", server_words(error))
        return Finding(
            id=self.id,
            side=self.side,
            severity=outcome.severity,
            title=outcome.title,
            detail=outcome.detail,
            remedy=outcome.remedy,
            topic=self.topic,
            fixes=outcome.fixes,
        )


def both_sides(
    name: str,
    title: str,
    run: Callable[[Facts, str, Connection], Outcome],
    *,
    why: str,
    applies: Callable[[Facts, str], bool] = lambda _facts, _side: True,
) -> tuple[Check, Check]:
    """The same question of each side: ids source.name and target.name, `{side}` in the title."""

    def one(side: str) -> Check:
        return Check(
            f"{side}.{name}",
            side,
            title.format(side=side),
            lambda facts, session: run(facts, side, session),
            lambda facts: applies(facts, side),
            why=why,
        )

    return one(SOURCE), one(TARGET)
