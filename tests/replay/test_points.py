"""Synchronisation points: what a table's own copy holds is passed over, and nothing else."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walsender import Walsender

from lmtui.replay import transactions
from lmtui.replay.change import Located
from lmtui.replay.decoding import decoder_for, printed_by
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.intake import Intake
from lmtui.replay.points import NEVER, AllBut, Passed, Point, behind, undecided
from lmtui.replay.router import Router
from lmtui.replay.runs import Run, changes
from lmtui.replay.spool import SpoolWriter
from lmtui.replay.transactions import Discard, Transactions

START = 1000
TABLES = ("a", "b", "c")
DECODER = decoder_for("test_decoding")
Rows = list[tuple[str, str | None]]

many = st.lists(st.lists(st.sampled_from(TABLES), max_size=12), min_size=1, max_size=8)


def row(table: str, number: int) -> bytes:
    return f"table public.{table}: INSERT: id[integer]:{number}".encode()


def filled(source: Walsender, sizes: list[list[str]]) -> list[tuple[int, str, str]]:
    """Commit transactions with a row of each of these tables; each row with where it ends."""
    number, rows = 0, []
    for tables in sizes:
        payloads = []
        for table in tables:
            number += 1
            payloads.append(row(table, number))
        commit = source.commit(*payloads).commit
        rows += [
            (commit, table, str(number - len(tables) + place + 1))
            for place, table in enumerate(tables)
        ]
    return rows


def replayed(spool: Path, applied: int, passed: Passed, until: int) -> Rows:
    """The rows that reach the target, in their order."""
    router = Router(CatalogFacts(), passed=passed)
    reader = Transactions(spool, applied, until)
    intake = Intake(DECODER, printed_by("test_decoding"), router, applied)
    found: Rows = []
    for items in iter(reader.next, None):
        for part in items:
            assert not isinstance(part, Discard)
            begin = 0
            while begin < len(part.messages):
                begin = intake.take(part, begin)
            for piece in intake.pieces:
                some = [piece.change] if isinstance(piece, Located) else []
                if isinstance(piece, Run):
                    some = list(changes(piece, DECODER.decode))
                found += [(one.relation[1], one.values[0]) for one in some]  # type: ignore[union-attr]
            intake.applied()
    reader.close()
    return found


def spooled(source: Walsender, spool: Path, every: int) -> None:
    writer = SpoolWriter(spool, START)
    for sent in source.transactions:
        for number, message in enumerate(sent.messages, 1):
            writer.add([message], [0] if message is sent.messages[-1] else [])
            if number % every == 0:
                writer.write()
        writer.write()
    writer.close()


@given(
    sizes=many,
    every=st.integers(1, 6),
    part_bytes=st.sampled_from((1, 90, 300, 100_000)),
    lsns=st.dictionaries(st.sampled_from(TABLES), st.integers(START, START + 140), max_size=3),
    applied=st.integers(0, 3),
    copying=st.sets(st.sampled_from(TABLES), max_size=1),
)
def test_exactly_what_a_copy_holds_is_passed_over(
    sizes: list[list[str]],
    every: int,
    part_bytes: int,
    lsns: dict[str, int],
    applied: int,
    copying: set[str],
) -> None:
    source = Walsender(START)
    rows = filled(source, sizes)
    ends = [START, *(sent.commit for sent in source.transactions)]
    begin = ends[min(applied, len(ends) - 1)]
    points = [
        Point(("public", table), "copying" if table in copying else "done", lsn)
        for table, lsn in lsns.items()
    ]
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transactions, "PART_BYTES", part_bytes)
        spooled(source, Path(directory), every)
        found = replayed(Path(directory), begin, behind(points), undecided(points))
    held = {one.relation[1]: NEVER if one.state == "copying" else one.lsn for one in points}
    assert found == [
        (table, number)
        for commit, table, number in rows
        if commit > begin and commit > held.get(table, 0)
    ]


@given(sizes=many, every=st.integers(1, 6), part_bytes=st.sampled_from((1, 90, 100_000)))
def test_tables_that_catch_up_get_their_own_rows_alone(
    sizes: list[list[str]], every: int, part_bytes: int
) -> None:
    source = Walsender(START)
    rows = filled(source, sizes)
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transactions, "PART_BYTES", part_bytes)
        spooled(source, Path(directory), every)
        found = replayed(Path(directory), START, AllBut([("public", "b")]), NEVER)
    assert found == [(table, number) for _, table, number in rows if table == "b"]
