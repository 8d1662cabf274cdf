"""What it takes to go back to the source behind the point of no return. Pure.

The source stays as it was at the end of the drain for as long as its fence stands.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from lmtui.humane import count_text

# Of very many the first are told.
MOST = 40


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """Where one side stands: its sequences' positions, and rows written as its statistics count.

    `sequences` has the last value and whether that was given out; `rows` has inserted, updated,
    deleted, since the statistics were reset.
    """

    sequences: Mapping[str, tuple[int, bool]]
    rows: Mapping[str, tuple[int, int, int]]


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """What was written on one side since the cutover.

    `rows` in words, as the server's statistics count; `sequences` those that gave out values, as
    SQL that sets the other side's; `unknown` tables whose statistics were reset since.
    """

    rows: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether nothing is known to be written."""
        return not (self.rows or self.sequences or self.unknown)


class GoingBack(msgspec.Struct, frozen=True, kw_only=True):
    """What going back takes, as of `at` (UTC).

    `fence` and `jobs` are the SQL that puts the source back to work, in order; `fenced` whether
    the fence was still there; `slot` is the one that is dropped. `target` is on the target only.
    """

    at: datetime
    fenced: bool
    fence: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    slot: str = ""
    source: Since = Since()
    target: Since = Since()


def since(before: Written, now: Written) -> Since:
    """What was written between two looks at one side."""
    rows, unknown = [], []
    for name, counts in now.rows.items():
        grown = [
            new - old for new, old in zip(counts, before.rows.get(name, (0, 0, 0)), strict=True)
        ]
        if min(grown) < 0:
            unknown.append(name)
        elif any(grown):
            words = ", ".join(
                f"{count_text(number)} {what}"
                for number, what in zip(grown, ("inserted", "updated", "deleted"), strict=True)
                if number
            )
            rows.append(f"{name}: {words}")
    unknown += [name for name in before.rows if name not in now.rows and any(before.rows[name])]
    moved = tuple(
        f"select setval('{name.replace(chr(39), chr(39) * 2)}', {value}, {str(called).lower()});"
        for name, (value, called) in now.sequences.items()
        if before.sequences.get(name, (value, called)) != (value, called)
    )
    return Since(rows=tuple(rows), sequences=moved, unknown=tuple(unknown))


def steps(back: GoingBack, source: str, target: str) -> tuple[str, ...]:
    """What to do, in order, for a reader. `source` and `target` are the servers' labels."""
    fence = back.fence if back.fenced else ()
    lift = [f"on the source, lift the fence: {one};" for one in fence]
    if not lift:
        lift = ["the source has no fence: nothing keeps writers from it"]
    found = [
        f"Stop the application, so that nothing more is written to {target}.",
        "Look what the target has by then, which the source has not: lmtui going-back.",
        *(f"{one[0].upper()}{one[1:]}" for one in lift),
        *(f"On the source, switch the job on again: {one};" for one in back.jobs),
        f"Point the application at {source} and begin its sessions anew: one that is open since "
        "before stays read-only.",
        "lmtui clean does the statements above as well, and ends this way back.",
    ]
    return tuple(f"{number}. {words}" for number, words in enumerate(found, 1))


def lacking(back: GoingBack) -> tuple[str, ...]:
    """What the source does not have, and what became of the slot, for a reader."""
    on = f"as of {back.at:%Y-%m-%d %H:%M:%S} UTC"
    said = []
    if back.target.none:
        said.append(f"Nothing was written to the target since the cutover, {on}.")
    else:
        said.append(f"The target's writes since the cutover are not on the source ({on}).")
        said += [f"Written on the target, {one}" for one in _some(back.target.rows)]
        said += [f"Its statistics were reset, what was written is not known: {one}"
                 for one in _some(back.target.unknown)]  # fmt: skip
    if back.target.sequences:
        said.append("So that no value is given out twice, on the source:")
        said += _some(back.target.sequences)
    said += [f"WRITTEN ON THE SOURCE since the cutover, {one}" for one in _some(back.source.rows)]
    said += [f"ADVANCED ON THE SOURCE since the cutover: {one}"
             for one in _some(back.source.sequences)]  # fmt: skip
    said.append(
        f"The slot {back.slot} is dropped: it is not needed to go back, and would keep the "
        "source's log. Nothing carries the target's writes over: that is done by hand."
    )
    return tuple(said)


def _some(names: tuple[str, ...]) -> list[str]:
    more = len(names) - MOST
    return [*names[:MOST], *([f"and {more} more"] if more > 0 else [])]
