"""Updates and deletes made arrays without being decoded, against the decoders."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    UNCHANGED,
    Row,
    json_change,
    relations,
    rows,
    tables,
    text_change,
    text_tuple,
)
from walsender import message

from lmtui.replay.blocks import Blocks
from lmtui.replay.change import Delete, Update
from lmtui.replay.columns import arranged
from lmtui.replay.decoding import decoder_for, printed_by
from lmtui.replay.runs import Run
from lmtui.replay.tables import Column, Table

Case = tuple[tuple[str, str], list[Row], bool]


def read_array(text: str) -> Iterator[str | None]:
    """An array's values (PostgreSQL, "Arrays", Array Input and Output Syntax)."""
    assert (text[0], text[-1]) == ("{", "}")
    at = 1
    while at < len(text):
        if text[at] == '"':
            value, at = "", at + 1
            while text[at] != '"':
                at += text[at] == "\\"
                value, at = value + text[at], at + 1
            at += 1
            yield value
        else:
            end = min(found for found in (text.find(",", at), len(text) - 1) if found >= 0)
            word, at = text[at:end], end
            assert word.strip('{} \\"') == word != ""
            yield None if word.lower() == "null" else word
        assert text[at] in ",}"
        at += 1


@st.composite
def changes(draw: st.DrawFn) -> Case:
    """Rows of one table that are updated, or deleted, of which the first column is the key."""
    table = draw(tables.filter(bool))
    numbered = [draw(rows(table)) for _ in range(draw(st.integers(1, 6)))]
    for number, row in enumerate(numbered):
        if draw(st.booleans()):
            row[0] = numbered[number - 1][0]
    if len(table) > 1 and draw(st.booleans()):
        # Printed for no row, or for each: what is TOASTed and was not changed.
        place = draw(st.integers(1, len(table) - 1))
        numbered = [
            [
                (column, UNCHANGED if at == place else value)
                for at, (column, value) in enumerate(row)
            ]
            for row in numbered
        ]
    return draw(relations), numbered, draw(st.booleans())


def printed(plugin: str, relation: tuple[str, str], row: Row, *, deleted: bool) -> bytes:
    if deleted:
        row = [row[0]]
    if plugin == "test_decoding":
        return text_change(relation, "DELETE" if deleted else "UPDATE", text_tuple(row))
    if deleted:
        return json_change("D", relation, identity=row)
    return json_change("U", relation, columns=row, identity=[row[0]])


def table_of(relation: tuple[str, str], row: Row) -> Table:
    columns = {
        column.name: Column(column.name, column.type, column.type + "[]", "") for column, _ in row
    }
    return Table(
        relation=relation, whole=False, hypertable=False, columns=columns, generated=frozenset(),
        unique_keys=(), dimensions=frozenset(),
    )  # fmt: skip


def _text(form: str, value: str | None) -> str | None:
    """A boolean's input takes both forms as the same."""
    return {"true": "t", "false": "f"}.get(value or "", value) if form == "boolean" else value


@pytest.mark.parametrize("plugin", ["test_decoding", "wal2json"])
@given(case=changes())
@settings(max_examples=150)
def test_arrays_have_what_was_changed(plugin: str, case: Case) -> None:
    relation, changed, deleted = case
    payloads = [printed(plugin, relation, row, deleted=deleted) for row in changed]
    messages = [message(number, payload) for number, payload in enumerate(payloads)]
    blocks = Blocks(printed_by(plugin))
    looked = blocks.printed.head(messages[0])
    assert looked is not None
    head, text = looked
    assert all(one.startswith(text, 25) for one in messages)
    key = (changed[0][0][0].name,)
    table = table_of(relation, changed[0])
    found = arranged(table, key, blocks, [Run(head, relation, messages)])
    decoder = decoder_for(plugin)
    wanted: dict[str | None, dict[str, str | None]] = {}
    for payload in payloads:
        change = decoder.decode(payload)
        assert isinstance(change, Update | Delete)
        named: dict[str, str | None] = {}
        if isinstance(change, Update):
            named = dict(zip(change.names, change.values, strict=True))
        old = dict(zip(change.key_names, change.key_values, strict=True)) or named
        if key[0] not in old:
            assert found is None
            return
        if found is None:
            # A key that is deleted twice, or what has to be looked at one by one.
            assert old[key[0]] in wanted or deleted or any(c.oid == 17 for c, _ in changed[0])
        wanted[old[key[0]]] = named
    if found is None:
        return
    assert found.rows == len(wanted)
    forms = {column.name: column.form for column, _ in changed[0]}
    columns = [[*read_array(array)] for array in found.arrays]
    assert [_text(forms[key[0]], one) for one in columns[0]] == [*wanted]
    names = [name for name in next(iter(wanted.values())) if name != key[0]]
    for name, column in zip(names, columns[1:], strict=True):
        assert [_text(forms[name], one) for one in column] == [row[name] for row in wanted.values()]


@pytest.mark.parametrize(
    ("plugin", "payload"),
    [
        (
            "test_decoding",
            "table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2",
        ),
        ("test_decoding", "table public.t: DELETE: (no-tuple-data)"),
        (
            "wal2json",
            '{"action":"U","schema":"public","table":"t","columns":[{"name":"id","typeoid":23,'
            '"value":"2"}],"identity":[{"name":"id","typeoid":23,"value":"1"}]}',
        ),
    ],
)
def test_a_key_that_is_changed_is_looked_at_by_itself(plugin: str, payload: str) -> None:
    blocks = Blocks(printed_by(plugin))
    one = message(1, payload.encode())
    looked = blocks.printed.head(one)
    assert looked is not None
    table = Table(
        relation=("public", "t"), whole=False, hypertable=False,
        columns={"id": Column("id", "int", "int[]", "")}, generated=frozenset(), unique_keys=(),
        dimensions=frozenset(),
    )  # fmt: skip
    assert arranged(table, ("id",), blocks, [Run(looked[0], ("public", "t"), [one])]) is None
