"""Which tables hold the rows of those that are asked for."""

from collections.abc import Iterable

from lmtui.database import Connection, run
from lmtui.replay.change import Relation
from lmtui.replay.facts import read_facts
from lmtui.tablesync.units import as_whole, leaves


def read_children(source: Connection) -> dict[Relation, list[Relation]]:
    """What is directly below each partitioned table of the source."""
    children: dict[Relation, list[Relation]] = {}
    for schema, name, child_schema, child in run(source, "sync_children"):
        children.setdefault((schema, name), []).append((child_schema, child))
    return children


def read_whole(source: Connection, relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """A hypertable in the place of its chunk, and a partitioned table's partitions in its own.

    The stream names partitions: a point of the partitioned table itself would stop none of them.
    """
    children = read_children(source)
    asked = as_whole(relations, read_facts(source))
    return tuple(dict.fromkeys(leaf for one in asked for leaf in leaves(one, children)))
