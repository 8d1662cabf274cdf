"""wal2json: what its source prints is read back; what it never prints is refused."""

import pytest
import strategies as s
from hypothesis import given
from hypothesis import strategies as st

from lmtui.errors import UndecodableError, UsageError
from lmtui.replay.change import Begin, Change, Commit, Delete, Insert, Message, Truncate, Update
from lmtui.replay.decoding import decoder_for
from lmtui.replay.wal2json import JsonDecoder

H, T = ("public", "h"), ("public", "t")


# In the forms that wal2json 2.6 prints.
@pytest.mark.parametrize(
    ("printed", "change"),
    [
        (
            r'{"action":"I","schema":"public","table":"t","columns":['
            r'{"name":"a","typeoid":16386,"value":"\\x00"},{"name":"c","typeoid":17,"value":"02"},'
            r'{"name":"d","typeoid":1001,"value":"{\"\\\\x03\"}"},'
            r'{"name":"e","typeoid":1043,"value":"a\tb"},{"name":"f","typeoid":16,"value":false}]}',
            Insert(
                T,
                ("a", "c", "d", "e", "f"),
                (r"\x00", r"\x02", r'{"\\x03"}', "a\tb", "f"),
            ),
        ),
        (
            '{"action":"U","schema":"public","table":"h","columns":[{"name":"a","typeoid":23,'
            '"value":"1"}],"identity":[{"name":"a","typeoid":23,"value":null},'
            '{"name":"b","typeoid":25,"value":null}]}',
            Update(H, ("a",), ("1",), ("a", "b"), (None, None)),
        ),
        (
            '{"action":"D","schema":"public","table":"h","identity":[{"name":"a","typeoid":23,'
            '"value":"1"}]}',
            Delete(H, ("a",), ("1",)),
        ),
        ('{"action":"T","schema":"public","table":"t"}', Truncate((T,), False, False)),
        (
            '{"action":"M","xid":null,"timestamp":null,"transactional":false,"prefix":"p",'
            '"content":"a\\nb"}',
            Message(False, "p", "a\nb"),
        ),
        ('{"action":"B","xid":7,"timestamp":"1970-01-01 00:00:00+00"}', Begin(7)),
        (
            '{"action":"C","xid":7,"timestamp":"1970-01-01 05:45:00.5+05:45"}',
            Commit(7, 500_000),
        ),
    ],
)
def test_real_messages(printed: str, change: Change) -> None:
    """The forms by hand, the rare ones too."""
    assert JsonDecoder().decode(printed.encode()) == change


@given(s.relations, s.tables, st.data())
def test_changes_of_one_table_are_read_back(
    relation: tuple[str, str], table: list[s.Column], data: st.DataObject
) -> None:
    """Every kind of change."""
    decoder = JsonDecoder()
    new = data.draw(s.rows(table))
    patched = data.draw(s.rows(table, toast=True))
    key = data.draw(s.rows(table))
    names, values = s.row_names(key), s.row_values(key)
    row = (s.row_names(new), s.row_values(new))
    patch = (s.row_names(patched), s.row_values(patched))
    insert = s.json_change("I", relation, columns=new)
    update = s.json_change("U", relation, columns=patched, identity=key)
    delete = s.json_change("D", relation, identity=key)
    assert decoder.decode(insert) == Insert(relation, *row)
    assert decoder.decode(update) == Update(relation, *patch, names, values)
    assert decoder.decode(delete) == Delete(relation, names, values)
    assert decoder.decode(s.json_change("T", relation)) == Truncate((relation,), False, False)


@given(st.booleans(), s.texts, s.texts)
def test_messages(transactional: bool, prefix: str, content: str) -> None:
    """Transactional or not, with any text."""
    ends = '"xid":7,"timestamp":"2026-01-15 09:30:00+00"'
    payload = (
        f'{{"action":"M",{ends if transactional else ends.replace("7", "null")},'
        f'"transactional":{"true" if transactional else "false"},'
        f'"prefix":{s.escaped(prefix)},"content":{s.escaped(content)}}}'
    )
    assert JsonDecoder().decode(payload.encode()) == Message(transactional, prefix, content)


@given(st.integers(0, 2**32 - 1), s.printed_times())
def test_transactions(xid: int, at: tuple[str, int]) -> None:
    """Begin and commit, in whatever time zone the session is."""
    decoder = JsonDecoder()
    rest = f'"xid":{xid},"timestamp":"{at[0]}"}}'
    assert decoder.decode(f'{{"action":"B",{rest}'.encode()) == Begin(xid)
    assert decoder.decode(f'{{"action":"C",{rest}'.encode()) == Commit(xid, at[1])


@pytest.mark.parametrize(
    "number", ["1", "1.500", "123456789012345678901234567890.12345678901234567890", "1e+100"]
)
def test_a_number_keeps_its_digits(number: str) -> None:
    """Numbers are asked for as strings; should one come bare, nothing of it is lost."""
    payload = (
        '{"action":"I","xid":7,"timestamp":"2026-01-15 09:30:00+00","schema":"s","table":"t",'
        f'"columns":[{{"name":"n","typeoid":1700,"value":{number}}},'
        '{"name":"b","typeoid":16,"value":true},{"name":"c","typeoid":17,"value":"00"}]}'
    )
    change = JsonDecoder().decode(payload.encode())
    assert change == Insert(("s", "t"), ("n", "b", "c"), (number, "t", "\\x00"))


def test_names_are_the_same_object() -> None:
    """Runs of changes are found by identity."""
    decoder = JsonDecoder()
    row: s.Row = [(s.Column("a", "text", 25, "text"), "x")]
    first, second = (
        decoder.decode(s.json_change("I", ("public", table), columns=row)) for table in "tu"
    )
    assert isinstance(first, Insert)
    assert isinstance(second, Insert)
    assert first.names is second.names


def test_a_key_that_is_not_in_the_stream_is_empty() -> None:
    """An identity that was changed between the delete and its decoding is not there."""
    assert JsonDecoder().decode(s.json_change("D", ("s", "t"))) == Delete(("s", "t"), (), ())


def test_another_encoding() -> None:
    """A walsender does not convert what the plugin prints."""
    row: s.Row = [(s.Column("a", "text", 25, "text"), "10 € café Š")]
    payload = s.json_change("I", ("s", "t"), columns=row).decode().encode("cp1252")
    assert JsonDecoder("windows-1252").decode(payload) == Insert(
        ("s", "t"), ("a",), s.row_values(row)
    )


def test_a_binary_message_stops_nothing() -> None:
    """Other programs may put anything into their messages."""
    payload = (
        b'{"action":"M","xid":null,"timestamp":null,"transactional":false,'
        b'"prefix":"other","content":"a\xff\xfe"}'
    )
    assert JsonDecoder().decode(payload) == Message(False, "other", "a\ufffd\ufffd")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"action":"X"}',
        b'{"action":"B"}',
        b'{"action":"C","xid":1,"timestamp":"yesterday"}',
        b'{"action":"C","xid":1,"timestamp":"2026-01-15 09:30:00"}',
        b'{"action":"I","schema":"s","table":"t"}',
        b'{"action":"I","schema":"s","table":"t","columns":[{"name":"a","typeoid":25}]}',
        b'{"action":"I","schema":"s","table":"t","columns":[{"name":"a","typeoid":25,"value":[]}]}',
        b'{"action":"I","schema":"s","table":"t","columns":[{"name":"a","value":"x"}]}',
        b'{"action":"I","schema":"s","table":"t","columns":[7]}',
        b'{"action":"I","schema":"s","table":"t","columns":[]} ,',
        b'{"action":"I","schema":"s","table":"\xff","columns":[]}',
        b'{"action":"M","transactional":1,"prefix":"","content":"\xff"}',
    ],
)
def test_what_is_never_printed_is_refused(payload: bytes) -> None:
    """A misread change would be a silent hole in the data."""
    with pytest.raises(UndecodableError):
        JsonDecoder().decode(payload)


def test_bad_text_is_not_replaced_where_a_number_stands_beside_it() -> None:
    """The way back for numbers reads the whole message again, and as strictly."""
    columns = b'{"name":"a","typeoid":23,"value":1},{"name":"b","typeoid":25,"value":"\xff"}'
    with pytest.raises(UndecodableError):
        JsonDecoder().decode(
            b'{"action":"I","schema":"s","table":"t","columns":[' + columns + b"]}"
        )


def test_a_decoder_is_found_by_its_plugin() -> None:
    """One that is not known is the caller's mistake."""
    assert decoder_for("test_decoding").plugin == "test_decoding"
    assert decoder_for("wal2json", "latin1").plugin == "wal2json"
    with pytest.raises(UsageError, match="pgoutput"):
        decoder_for("pgoutput")
    with pytest.raises(UsageError, match="klingon"):
        decoder_for("wal2json", "klingon")
