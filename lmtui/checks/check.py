"""What a check is: one question with a stable id, asked of facts and of one side's session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from lmtui.checks.facts import Facts
from lmtui.checks.wording import server_words
from lmtui.database import Connection
from lmtui.events import Finding

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


def ok(title: str, detail: str = "") -> Outcome:
    """All is well."""
    return Outcome("ok", title, detail)


def info(title: str, detail: str = "", remedy: str = "") -> Outcome:
    """Good to know; nothing needs to be done."""
    return Outcome("info", title, detail, remedy)


def warning(title: str, detail: str, remedy: str) -> Outcome:
    """The migration can run; the operator should look at this first."""
    return Outcome("warning", title, detail, remedy)


def blocker(title: str, detail: str, remedy: str) -> Outcome:
    """The migration would fail, or lose data."""
    return Outcome("blocker", title, detail, remedy)


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
    the host, are answered by facts alone and are handed the source's.
    """

    id: str
    side: str
    title: str
    run: Callable[[Facts, Connection], Outcome]
    applies: Callable[[Facts], bool] = always

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
        )
