"""A slower look at both servers, for what matters to a cutover."""

from datetime import UTC, datetime

from lmtui.database import Connection, run
from lmtui.sample import Evidence
from lmtui.validation.side import HIDDEN_SCHEMAS

SECONDS = 5.0


class Looker:
    """Looks every few seconds, and remembers since when a table is watched."""

    def __init__(self) -> None:
        self._changes: dict[str, int] | None = None
        self._keyless: dict[str, None] = {}

    def look(self, source: Connection, target: Connection) -> Evidence:
        """What is so now. Raises psycopg.Error."""
        hidden = {"hidden_schemas": HIDDEN_SCHEMAS}
        found: dict[str, list[str]] = {}
        for kind, words in run(source, "evidence_source", hidden):
            found.setdefault(kind, []).append(words)
        jobs: list[str] = []
        if run(source, "replay_has_timescaledb")[0][0]:
            jobs = [words for (words,) in run(source, "evidence_jobs")]
        self._watch_keyless(dict(run(source, "evidence_keyless", hidden)))
        rights = [words for (words,) in run(target, "evidence_target", hidden)]
        return Evidence(
            at=datetime.now(UTC),
            prepared=tuple(found.get("prepared", ())),
            open_transactions=tuple(found.get("open", ())),
            jobs=tuple(jobs),
            sequences=tuple(found.get("sequence", ())),
            keyless=tuple(self._keyless),
            fence_rights=tuple(found.get("fence", ())),
            target_rights=tuple(rights),
        )

    def _watch_keyless(self, changes: dict[str, int]) -> None:
        before, self._changes = self._changes, changes
        for table, count in changes.items() if before is not None else ():
            if count > (before or {}).get(table, 0):
                self._keyless[table] = None
        # One that has got a key since is no longer among them.
        for table in [name for name in self._keyless if name not in changes]:
            del self._keyless[table]
