"""Tables that catch up with replay behind a copy of their own: which, and what their source was."""

from collections.abc import Sequence

import msgspec

from lmtui.replay.change import Relation
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.points import NEVER, AllBut, Passed, Point, behind, undecided
from lmtui.workdir import WorkDirectory, write_atomically


class CatchUp(msgspec.Struct, frozen=True, kw_only=True):
    """A catching up. Its progress on the target is kept under `name`.

    `tables` were copied as of `lsn`; `facts` are the source's catalog in that very snapshot.
    """

    name: str
    tables: tuple[Relation, ...]
    lsn: int
    facts: CatalogFacts

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.catch_up, msgspec.json.encode(self))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "CatchUp":
        """Read it back."""
        return msgspec.json.decode(directory.catch_up.read_bytes(), type=cls)


def passing(known: Sequence[Point], catch_up: CatchUp | None) -> tuple[Passed, int, bool]:
    """What an applier passes over, up to where that matters, and whether the spool is kept.

    It is kept where what comes of a table while it is copied is to be read again.
    """
    if catch_up is not None:
        return AllBut(catch_up.tables), NEVER, True
    return behind(known), undecided(known), any(one.state != "done" for one in known)
