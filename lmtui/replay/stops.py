"""Why replay cannot follow its source any more: nothing was passed over, nothing can be guessed."""

from lmtui.errors import ReplayStoppedError
from lmtui.replay.change import Relation


class UnknownChunkError(ReplayStoppedError):
    """Rows came of a chunk that the catalog has not named."""


class HiddenChangeError(ReplayStoppedError):
    """The source changed rows in a way that its stream does not show row by row."""


def unknown_chunk(relation: Relation, done: str) -> UnknownChunkError:
    """`done` is what was done to it: changed, truncated."""
    return UnknownChunkError(
        f"The chunk {'.'.join(relation)} was {done}, which no catalog entry has named",
        hint="Nothing was passed over. Begin again with a new snapshot.",
    )


def changed_batches(relation: Relation | None) -> HiddenChangeError:
    """Compressed rows came or went and the stream has them in their compressed form only."""
    where = f" of {'.'.join(relation)}" if relation is not None else ""
    return HiddenChangeError(
        f"The source changed compressed rows{where} without naming them",
        detail="Whole compressed batches were deleted, inserted or rewritten at once; the"
        " stream does not say which rows that were.",
        hint="Set timescaledb.enable_compressed_direct_batch_delete,"
        " timescaledb.enable_direct_compress_copy and timescaledb.enable_direct_compress_insert"
        " to off on the source, as far as it knows them, and keep"
        " timescaledb.enable_compression_wal_markers on; recompress by compress_chunk or a policy,"
        " never by recompress_chunk_segmentwise or rebuild_columnstore, which write no marks. Then"
        " copy the hypertable anew: lmtui resync TABLE",
    )


def made_hypertable(relation: Relation) -> HiddenChangeError:
    """A plain table has become a hypertable."""
    return HiddenChangeError(
        f"{'.'.join(relation)} was made a hypertable on the source",
        detail="Its rows were moved into chunks, which looks like new rows.",
        hint="Nothing of it was applied. Begin again with a new snapshot.",
    )


def attached(relation: Relation, hypertable: Relation) -> HiddenChangeError:
    """A table with rows of its own has become a chunk."""
    return HiddenChangeError(
        f"{'.'.join(relation)} was attached to {'.'.join(hypertable)} on the source",
        detail="attach_chunk makes a table's rows a hypertable's at once; the stream does not show"
        " them.",
        hint="Nothing of it was applied. Begin again with a new snapshot.",
    )
