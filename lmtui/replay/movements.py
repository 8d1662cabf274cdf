"""What moves between the two forms of a chunk, and is no data as long as it is marked.

TimescaleDB puts transactional messages around it (measured on 2.19.3, 2.28.3 and 2.29.2); their
bodies are empty. They come nested: a full recompression holds a decompression.
"""

from lmtui.replay.change import Delete, Insert, Relation, Update
from lmtui.replay.stops import changed_batches

_STARTS = frozenset({"::timescaledb-compression-start", "::timescaledb-decompression-start"})
_ENDS = frozenset({"::timescaledb-compression-end", "::timescaledb-decompression-end"})
_DECOMPRESSION_START = "::timescaledb-decompression-start"
_DECOMPRESSION_END = "::timescaledb-decompression-end"


class Movements:
    """Those of one transaction. `storage` has tables of compressed rows, by what errors name.

    That is the chunk, or the table itself. `begun` counts those that have not ended.

    A stream that does not show `keyless` tables has nothing between the marks of a batch that went
    at once; from TimescaleDB 2.26 on there are no marks then, and nothing at all in such a stream.
    """

    def __init__(self, *, keyless: bool = True) -> None:
        self._keyless = keyless
        self.storage: dict[Relation, Relation] = {}
        self.begin()

    def begin(self) -> None:
        """A transaction begins: what was moving in the one before has ended with it."""
        self.begun = 0
        self._deleted: Relation | None = None
        self._nothing = False

    def mark(self, prefix: str) -> None:
        """Read a message's prefix. Raises HiddenChangeError where a batch went without its rows."""
        if prefix in _STARTS:
            self.begun += 1
            if prefix == _DECOMPRESSION_START:
                self._deleted = None
                self._nothing = True
        elif prefix in _ENDS:
            # 2.26 to 2.29 can end what they have not begun (a batch that another has deleted).
            self.begun = max(0, self.begun - 1)
            if prefix == _DECOMPRESSION_END and self._deleted is not None:
                raise changed_batches(self.storage[self._deleted])
            if prefix == _DECOMPRESSION_END and self._nothing and not self._keyless:
                raise changed_batches(None)
            self._nothing = False

    def watch(self, change: Insert | Update | Delete) -> None:
        """Rows in their compressed form: only movement between markers can be told from data.

        Raises HiddenChangeError elsewhere.
        """
        if not self.begun:
            raise changed_batches(self.storage[change.relation])
        if isinstance(change, Delete):
            self._deleted = change.relation

    def catalog_changed(self) -> None:
        """A chunk that holds nothing is decompressed as well, which changes the catalog."""
        self._nothing = False

    def row_came(self) -> None:
        """A deleted batch has come out of its form as rows."""
        self._deleted = None
        self._nothing = False
