"""Names for single changes: the LSN, and a number where several changes share one.

One record of the source's log can hold many rows (COPY), or a TRUNCATE of many tables. No two
transactions share an LSN: their records are their own, and what comes with a commit is placed
inside of its record. So a name means one change, whatever the batches and parts are.
"""

from collections.abc import Iterable, Iterator

from lmtui.errors import UsageError
from lmtui.replay.change import Located, Truncate
from lmtui.replay.lsn import format_lsn, parse_lsn


def change_name(lsn: int, number: int) -> str:
    """`LSN`, or `LSN#n` from the second change on."""
    return format_lsn(lsn) + (f"#{number}" if number > 1 else "")


def parse_name(text: str) -> str:
    """The one form of a name that was typed. Raises UsageError where it is none."""
    place, sign, number = text.strip().partition("#")
    try:
        if sign and not (number.isascii() and number.isdecimal() and int(number)):
            raise ValueError
        return change_name(parse_lsn(place), int(number) if sign else 1)
    except ValueError:
        raise UsageError(
            f"{text!r} names no change",
            hint="A change is named by its LSN, such as 0/1A2B3C4, or 0/1A2B3C4#2.",
        ) from None


class Naming:
    """Numbers the changes of a stream that is handed on piece by piece."""

    def __init__(self) -> None:
        self._lsn = 0
        self._number = 0

    def names(self, changes: Iterable[Located]) -> Iterator[tuple[str, Located]]:
        """Each change of the next piece with its name; a TRUNCATE of many tables is one change."""
        lsn, number = self._lsn, self._number
        held: tuple[str, Located] | None = None
        for located in changes:
            number = number + 1 if located.lsn == lsn else 1
            lsn = located.lsn
            if held is not None and (both := _together(held[1], located)):
                held = held[0], both
                continue
            if held is not None:
                yield held
            held = change_name(lsn, number), located
        if held is not None:
            yield held

    def go_on(self, backwards: Iterator[int]) -> None:
        """The next piece comes behind changes at these LSNs, of which the last is first."""
        lsn = next(backwards, None)
        if lsn is None:
            return
        same = 1
        for other in backwards:
            if other != lsn:
                before = 0
                break
            same += 1
        else:
            before = self._number if lsn == self._lsn else 0
        self._lsn, self._number = lsn, before + same


def _together(first: Located, second: Located) -> Located | None:
    """Two truncates of one statement as one: foreign keys may tie their tables."""
    one, other = first.change, second.change
    if first.lsn != second.lsn or not isinstance(one, Truncate) or not isinstance(other, Truncate):
        return None
    more = [name for name in other.relations if name not in one.relations]
    return Located(one._replace(relations=(*one.relations, *more)), first.lsn)
