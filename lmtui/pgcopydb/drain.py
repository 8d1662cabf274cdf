"""Letting pgcopydb end what is under way, and begin nothing new: it has no such request itself.

A signal to its leader alone does not do it: the workers go on to the next table (0.18). So a worker
is stopped (SIGSTOP) as soon as it is at a table or an index that it was not at when this began.
"""

import os
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

# A table in parts counts as one: of a half of its parts none could be kept.
_UNDER_WAY = """
select p.pid, case when p.indexoid is null then 'table' else 'index' end,
       coalesce(p.indexoid, p.tableoid)
from process p
join summary s on (s.tableoid = p.tableoid and s.partnum = p.partnum and p.indexoid is null)
               or s.indexoid = p.indexoid
where coalesce(s.done_time_epoch, 0) = 0
"""
_PARTS_BEGUN = """
select distinct s.tableoid
from summary s
join s_table_part p on p.oid = s.tableoid
"""

Work = tuple[str, int]


class Drain:
    """The end of one run of pgcopydb, whose process group is `group`."""

    def __init__(self, directory: Path, group: int) -> None:
        self._catalog = directory / "schema" / "source.db"
        self._group = group
        self._stopped: set[int] = set()
        under_way, parts = self._look()
        self._begun = {work for _, work in under_way} | {("table", oid) for oid in parts}

    def step(self) -> bool:
        """Stop who has begun something new. Call it often; says whether nothing else is under way.

        Raises sqlite3.Error where the catalog cannot be read just now.
        """
        under_way, _ = self._look()
        for pid, work in under_way:
            if work not in self._begun and pid not in self._stopped:
                with suppress(ProcessLookupError):
                    if os.getpgid(pid) == self._group:
                        os.kill(pid, signal.SIGSTOP)
                self._stopped.add(pid)
        return all(pid in self._stopped for pid, _ in under_way)

    def _look(self) -> tuple[list[tuple[int, Work]], list[int]]:
        uri = f"file:{self._catalog}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=2)) as catalog:
            under_way = [(pid, (kind, oid)) for pid, kind, oid in catalog.execute(_UNDER_WAY)]
            parts = [oid for (oid,) in catalog.execute(_PARTS_BEGUN)]
        return under_way, parts
