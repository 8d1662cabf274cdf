"""Sequences, which logical decoding does not carry: set on the target once the source is fenced."""

from lmtui.database import connect, said_plainly
from lmtui.endpoint import Endpoint
from lmtui.errors import CutoverError
from lmtui.queries import sql
from lmtui.validation.sequences import SequenceState, mismatches, read_sequences


def copy_sequences(source: Endpoint, target: Endpoint, margin: int = 0) -> int:
    """Set every sequence of the target to where the source's is, and check them all.

    With a `margin` they are set that many values further, but not beyond their end.

    Call it after the fence: what the source gives out later is not seen. It may be repeated.
    Returns how many were set. Raises CutoverError, with their names, where sequences cannot be
    read, are missing on the target, or do not stand where they were set; ServerError with the
    server's words where one cannot be set; ConnectionFailedError.
    """
    with (
        connect(source, read_only=True) as connection,
        said_plainly("The source's sequences cannot be read"),
    ):
        wanted = read_sequences(connection)
    _refuse(
        "Sequences of the source cannot be read",
        [state for state in wanted.values() if state.last_value is None],
        "Grant SELECT on them to the source's role.",
    )
    with connect(target) as connection:
        with said_plainly("The target's sequences cannot be read"):
            there = read_sequences(connection)
        _refuse(
            "Sequences are missing on the target",
            [state for key, state in wanted.items() if key not in there],
            "Create them on the target as they are on the source.",
        )
        with (
            said_plainly(
                "A sequence cannot be set on the target",
                "Once that is put right this can be done again: it sets all of them anew.",
            ),
            connection.cursor() as cursor,
        ):
            # Many in one round trip: this is a part of the downtime.
            cursor.executemany(
                sql("sequences_set"),
                [
                    {
                        "sequence": state.text,
                        "last_value": state.last_value,
                        "is_called": state.is_called,
                        "ahead": margin * state.increment,
                    }
                    for state in wanted.values()
                ],
            )
        with said_plainly("The target's sequences cannot be read"):
            there = read_sequences(connection)
    _refuse(
        "Sequences of the target do not stand where they were set",
        [
            state
            for key, state in wanted.items()
            if key not in there or not _stands(there[key], state, margin)
        ],
        "Something else uses them: end all sessions on the target but lmtui's own.",
    )
    return len(wanted)


def sequences_behind(source: Endpoint, target: Endpoint) -> tuple[str, ...]:
    """In words, those of the target that are behind. While replay runs many are."""
    with connect(source, read_only=True) as connection:
        wanted = read_sequences(connection)
    with connect(target, read_only=True) as connection:
        return mismatches(wanted, read_sequences(connection))


def _stands(there: SequenceState, wanted: SequenceState, margin: int) -> bool:
    if (there.last_value, there.is_called) == (wanted.last_value, wanted.is_called):
        return True
    return bool(margin) and not mismatches({("", ""): wanted}, {("", ""): there})


def _refuse(title: str, states: list[SequenceState], hint: str) -> None:
    if states:
        names = ", ".join(state.text for state in states)
        raise CutoverError(title, detail=names, hint=hint)
