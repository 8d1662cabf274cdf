"""Rows made lines without being decoded, against the decoders."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    UNCHANGED,
    Row,
    json_change,
    relations,
    row_names,
    rows,
    tables,
    text_change,
    text_tuple,
)
from walsender import message

from lmtui.replay.blocks import Block, Blocks
from lmtui.replay.change import Insert
from lmtui.replay.decoding import decoder_for, printed_by
from lmtui.replay.runs import Head

Line = tuple[str | None, ...]


def read_lines(text: bytes, quote: str) -> Iterator[Line]:
    """Lines as COPY reads them: CSV with this quote, NULL an unquoted `null`."""
    line: list[str | None] = []
    field, quoted, inside, at = "", False, False, 0
    letters = text.decode() + "\n"
    while at < len(letters):
        letter = letters[at]
        if inside and letter == quote and letters[at + 1] == quote:
            field, at = field + quote, at + 1
        elif letter == quote:
            inside, quoted = not inside, True
        elif not inside and letter in ",\n":
            line.append(None if field == "null" and not quoted else field)
            field, quoted = "", False
            if letter == "\n":
                yield tuple(line)
                line = []
        else:
            field += letter
        at += 1
    assert not inside


def printed(plugin: str, relation: tuple[str, str], row: Row) -> bytes:
    if plugin == "test_decoding":
        return text_change(relation, "INSERT", text_tuple(row))
    return json_change("I", relation, columns=row)


def block_of(plugin: str, payloads: Sequence[bytes]) -> Block | None:
    """The block of messages that all have the first one's head."""
    blocks = Blocks(printed_by(plugin))
    messages = [message(number, payload) for number, payload in enumerate(payloads)]
    head, text = blocks.printed.head(messages[0]) or (Head(Insert, ("", "")), b"")
    assert all(one.startswith(text, 25) for one in messages)
    return blocks.block(head, messages)


@st.composite
def inserts(draw: st.DrawFn) -> tuple[tuple[str, str], list[Row]]:
    table = draw(tables.filter(bool))
    return draw(relations), draw(st.lists(rows(table), min_size=1, max_size=6))


def meant(form: str, value: str | None, plugin: str) -> str | None:
    """What a line has for a value: COPY's input functions take these as the same."""
    if value is None or (plugin == "wal2json" and form != "boolean"):
        return value
    if form == "boolean":
        return "true" if value == "t" else "false"
    return f"B{value}" if form == "bits" else value


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
@given(found=inserts())
@settings(max_examples=100)
def test_lines_have_what_was_inserted(
    plugin: str, found: tuple[tuple[str, str], list[Row]]
) -> None:
    relation, inserted = found
    block = block_of(plugin, [printed(plugin, relation, row) for row in inserted])
    if plugin == "wal2json" and any(column.oid == 17 for column, _ in inserted[0]):
        # It takes the \x off a bytea.
        assert block is None
        return
    assert block is not None
    assert block.names == row_names(inserted[0])
    assert list(read_lines(block.text, printed_by(plugin).quote)) == [
        tuple(
            meant(column.form, value, plugin)
            for column, value in row
            if not isinstance(value, type(UNCHANGED))
        )
        for row in inserted
    ]


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
@given(found=inserts(), other=inserts(), at=st.integers(0, 6))
@settings(max_examples=60)
def test_a_row_that_is_printed_otherwise_makes_no_block(
    plugin: str,
    found: tuple[tuple[str, str], list[Row]],
    other: tuple[tuple[str, str], list[Row]],
    at: int,
) -> None:
    """A column was added, dropped or renamed while the messages came."""
    relation, inserted = found
    payloads = [printed(plugin, relation, row) for row in inserted]
    different = [(column.name, column.type) for column, _ in other[1][0]] != [
        (column.name, column.type) for column, _ in inserted[0]
    ]
    payloads.insert(max(1, at), printed(plugin, relation, other[1][0]))
    block = block_of(plugin, payloads)
    if plugin == "test_decoding" and different:
        assert block is None
    if block is not None:
        decoder = decoder_for(plugin)
        changes = [decoder.decode(payload) for payload in payloads]
        assert all(isinstance(one, Insert) and one.names == block.names for one in changes)


@given(found=inserts(), cut=st.integers(1, 20))
@settings(max_examples=50)
def test_a_message_that_is_cut_makes_no_block(
    found: tuple[tuple[str, str], list[Row]], cut: int
) -> None:
    relation, inserted = found
    payloads = [printed("wal2json", relation, row) for row in inserted]
    looked = printed_by("wal2json").head(message(0, payloads[0]))
    assert looked is not None
    kept = max(len(looked[1]), len(payloads[-1]) - cut)
    assert block_of("wal2json", [*payloads, payloads[-1][:kept]]) is None


def test_updates_and_other_messages_have_no_head_of_inserts() -> None:
    looked = printed_by("test_decoding")
    for payload in (b"BEGIN 7", b"COMMIT 7 (at 2026-01-15 09:30:00+00)", b"table a.b: TRUNCATE: x"):
        assert looked.head(message(1, payload)) is None
    looked = printed_by("wal2json")
    for payload in (b'{"action":"B","xid":7}', b'{"action":"T","schema":"a","table":"b"}'):
        assert looked.head(message(1, payload)) is None
