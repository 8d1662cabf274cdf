"""What is to become of each table when its copy goes on by another snapshot, or has ended. Pure."""

from collections.abc import Collection, Iterable, Mapping

from lmtui.replay.change import Relation
from lmtui.tablesync.files import SourceChunk, SourceFiles

DROPPED = "dropped on the source while it was copied"
REWRITTEN = "emptied or written anew on the source while it was copied"
# Copied before the stream was lost; and what is not equal then.
STALE = "copied before the slot was lost"
DIFFERS = "not as on the source since the slot was lost"
COLUMNS = "given other columns or types on the source while it was copied"
COMPRESSION = "compressed, decompressed or changed in its compressed form while it was copied"


def going_on(
    before: SourceFiles, now: SourceFiles, done: Collection[Relation]
) -> dict[Relation, str]:
    """Which tables are not to be copied on by the new snapshot `now`, and why.

    `before` is each table as of the snapshot that it was to be copied by; `done` are copied. A
    chunk and the table of its compressed rows stand for one another: as of two snapshots they might
    lack rows, or have them twice, and the target's catalog has the chunk's status as of the first.
    """
    there = now.by_name()
    aside: dict[Relation, str] = {}
    for relation, table in before.by_name().items():
        if relation in done:
            continue
        found = there.get(relation)
        if found is None:
            aside[relation] = DROPPED
        elif found.columns != table.columns:
            aside[relation] = COLUMNS
    chunks_now = {chunk.relation: chunk for chunk in now.chunks}
    for chunk in before.chunks:
        both = _both(chunk, chunks_now.get(chunk.relation))
        copied = [relation in done for relation in both]
        if all(copied):
            continue
        mixed = any(copied) and len(both) > 1
        if mixed or chunk != chunks_now.get(chunk.relation) or any(one in aside for one in both):
            gone = chunk.relation not in chunks_now
            aside.update(dict.fromkeys(both, DROPPED if gone else COMPRESSION))
    return aside


def ended(before: SourceFiles, now: SourceFiles) -> dict[Relation, str]:
    """Which of the tables in `before` may not have been copied as their snapshots had them.

    `now` is as it is behind the end of the copy.
    """
    there = now.by_name()
    found: dict[Relation, str] = {}
    for relation, table in before.by_name().items():
        its = there.get(relation)
        if its is None:
            found[relation] = DROPPED
        elif its.file != table.file:
            found[relation] = REWRITTEN
    return with_storage(found, (*before.chunks, *now.chunks))


def with_storage(
    found: Mapping[Relation, str], chunks: Iterable[SourceChunk]
) -> dict[Relation, str]:
    """The same, where a chunk and the table of its compressed rows stand for one another."""
    aside = dict(found)
    for chunk in chunks:
        both = _both(chunk, None)
        if reasons := [aside[one] for one in both if one in aside]:
            aside.update(dict.fromkeys(both, COMPRESSION if len(both) > 1 else reasons[0]))
    return aside


def _both(chunk: SourceChunk, now: SourceChunk | None) -> tuple[Relation, ...]:
    storages = {one.storage for one in (chunk, now) if one is not None and one.storage is not None}
    return (chunk.relation, *sorted(storages))
