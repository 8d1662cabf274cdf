"""Copying the rows that differ from the source to the target, in one transaction."""

from collections.abc import Sequence
from contextlib import closing
from typing import LiteralString

from psycopg import sql as compose

from lmtui.database import Connection, connect, run, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import BlockedError, CutoverError
from lmtui.validation.relations import Source
from lmtui.validation.rows import Key, RowKey, Suspect, one_of, read_rows

# More than so many rows are not repaired but copied anew, by other means.
MOST = 10_000
_BATCH = 500


class NotByRowsError(BlockedError):
    """The rows of a table cannot be repaired one by one; all of it can be copied anew."""


def repair(
    ours: Connection, target: Endpoint, source: Source, theirs: Source, found: Suspect
) -> int:
    """Make the target's rows what the source's are, and check them before the commit.

    `ours` is in the snapshot that the target is as of; nothing may be applied meanwhile. Returns
    how many keys were repaired. Raises BlockedError where nothing identifies the rows, or they are
    too many; ServerError; CutoverError where they differ even then, and nothing is changed.
    """
    if not found.key.columns:
        raise NotByRowsError(
            f"The rows of {source.relation.text} cannot be repaired",
            detail="Nothing identifies them: there is no primary or unique key.",
            hint=f"Copy the table anew: lmtui resync {source.relation.text}",
        )
    if found.more:
        raise NotByRowsError(
            f"Too many rows of {source.relation.text} differ",
            detail=f"More than {MOST}",
            hint=f"Copy the table anew: lmtui resync {source.relation.text}",
        )
    with (
        closing(connect(target, application="lmtui repair", autocommit=False)) as connection,
        said_plainly(f"The rows of {source.relation.text} cannot be repaired"),
    ):
        # As for replay: the triggers have fired on the source.
        connection.execute("set local session_replication_role = replica")
        types = _types(connection, theirs)
        columns = [name for name in found.columns if name in types]
        for start in range(0, len(found.keys), _BATCH):
            keys = found.keys[start : start + _BATCH]
            rows = read_rows(ours, source, columns, found.key, keys)
            _delete(connection, theirs, found.key, keys)
            _insert(
                connection,
                theirs,
                columns,
                types,
                [row for key in keys for row in rows.get(key, [])],
            )
            if read_rows(connection, theirs, found.columns, found.key, keys) != read_rows(
                ours, source, found.columns, found.key, keys
            ):
                raise CutoverError(
                    f"The rows of {source.relation.text} differ after their repair too",
                    hint="Nothing was changed. Compare the columns' types on both sides.",
                )
        connection.commit()
    return len(found.keys)


def _types(connection: Connection, theirs: Source) -> dict[str, LiteralString]:
    """The columns that can be given a value, with their types."""
    name = compose.Identifier(theirs.relation.schema, theirs.relation.name).as_string(connection)
    return dict(run(connection, "repair_columns", {"relation": name}))


def _delete(connection: Connection, theirs: Source, key: RowKey, keys: Sequence[Key]) -> None:
    connection.execute(
        compose.SQL("delete from {} where {}").format(theirs.name, one_of(key, keys))
    )


def _insert(
    connection: Connection, theirs: Source, columns: Sequence[str],
    types: dict[str, LiteralString], rows: Sequence[Key],
) -> None:  # fmt: skip
    statement = compose.SQL("insert into {} ({}) overriding system value values ({})").format(
        compose.Identifier(theirs.relation.schema, theirs.relation.name),
        compose.SQL(", ").join(map(compose.Identifier, columns)),
        compose.SQL(", ").join(
            compose.SQL("%s::text::{}").format(compose.SQL(types[column])) for column in columns
        ),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
