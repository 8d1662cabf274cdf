"""test_decoding: what its source prints is read back; what it never prints is refused."""

import pytest
import strategies as s
from hypothesis import given
from hypothesis import strategies as st

from lmtui.errors import UndecodableError
from lmtui.replay.change import Begin, Change, Commit, Delete, Insert, Message, Truncate, Update
from lmtui.replay.test_decoding import TextDecoder

# More often than it takes for the decoder to make a pattern of its own for the columns.
REPEATED = 20


H, T = ("public", "h"), ("public", "t")


# In the forms that PostgreSQL 17.12 prints.
@pytest.mark.parametrize(
    ("printed", "change"),
    [
        (
            r"""table public.t: INSERT: a["My Schema".d]:'\x00' b[public.dd]:'\x01' """
            r"""d[bytea[]]:'{"\\x03"}' e[character varying]:'x' f[public.dn]:'1.50' g[bit]:B'10"""
            "' h[double precision]:-Infinity i[boolean]:false j[\"char\"]:''",
            Insert(
                T,
                ("a", "b", "d", "e", "f", "g", "h", "i", "j"),
                (r"\x00", r"\x01", r'{"\\x03"}', "x", "1.50", "10", "-Infinity", "f", ""),
            ),
        ),
        (
            "table public.h: UPDATE: old-key: new-tuple: a[integer]:1 b[text]:null",
            Update(H, ("a", "b"), ("1", None), (), ()),
        ),
        (
            "table public.h: UPDATE: old-key: a[integer]:1 new-tuple: a[integer]:null b[text]:'b'",
            Update(H, ("a", "b"), (None, "b"), ("a",), ("1",)),
        ),
        (
            "table public.h: UPDATE: a[integer]:3 b[text]:unchanged-toast-datum",
            Update(H, ("a",), ("3",), (), ()),
        ),
        ("table public.h: DELETE: a[integer]:1", Delete(H, ("a",), ("1",))),
        ("table public.h: DELETE:", Delete(H, (), ())),
        ("table public.h: DELETE: (no-tuple-data)", Delete(H, (), ())),
        ('table public."select": INSERT:', Insert(("public", "select"), (), ())),
        ("table public.h, public.t: TRUNCATE: cascade", Truncate((H, T), False, True)),
        ("message: transactional: 1 prefix: p, sz: 3 content:a\nb", Message(True, "p", "a\nb")),
        ("COMMIT 7 (at 1970-01-01 05:45:00.5+05:45)", Commit(7, 500_000)),
    ],
)
def test_real_messages(printed: str, change: Change) -> None:
    """The forms by hand, the rare ones too."""
    assert TextDecoder().decode(printed.encode()) == change


@given(s.relations, s.tables, st.data())
def test_changes_of_one_table_are_read_back(
    relation: tuple[str, str], table: list[s.Column], data: st.DataObject
) -> None:
    """Every kind of change, in one stream, before and after the decoder has learned it."""
    decoder = TextDecoder()
    wanted: dict[bytes, Change] = {}
    for _ in range(data.draw(st.integers(1, 3))):
        new = data.draw(s.rows(table))
        patched = data.draw(s.rows(table, toast=True))
        key = [cell for cell in data.draw(s.rows(table)) if cell[1] is not None]
        names, values = s.row_names(key), s.row_values(key)
        row = (s.row_names(new), s.row_values(new))
        patch = (s.row_names(patched), s.row_values(patched))
        insert = s.text_change(relation, "INSERT", s.text_tuple(new))
        update = s.text_change(relation, "UPDATE", s.text_tuple(patched))
        old_key = f" old-key:{s.text_tuple(key)} new-tuple:{s.text_tuple(patched)}"
        delete = s.text_change(relation, "DELETE", s.text_tuple(key))
        wanted[insert] = Insert(relation, *row)
        wanted[update] = Update(relation, *patch, (), ())
        wanted[s.text_change(relation, "UPDATE", old_key)] = Update(relation, *patch, names, values)
        wanted[delete] = Delete(relation, names, values)
    for _ in range(REPEATED):
        for payload, change in wanted.items():
            assert decoder.decode(payload) == change


@given(s.relations, s.relations, s.tables, st.data())
def test_what_is_learned_of_one_table_is_not_taken_for_another(
    first: tuple[str, str], second: tuple[str, str], table: list[s.Column], data: st.DataObject
) -> None:
    """Tables of the same columns share what is learned, but never their names."""
    decoder = TextDecoder()
    row = data.draw(s.rows(table))
    for _ in range(REPEATED):
        for relation in (first, second):
            change = decoder.decode(s.text_change(relation, "INSERT", s.text_tuple(row)))
            assert change == Insert(relation, s.row_names(row), s.row_values(row))


@given(st.lists(s.relations, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_truncates(relations: list[tuple[str, str]], restart: bool, cascade: bool) -> None:
    """All tables of one statement, with its flags."""
    flags = " restart_seqs" * restart + " cascade" * cascade or " (no-flags)"
    tables = ", ".join(".".join(map(s.quoted, relation)) for relation in relations)
    change = TextDecoder().decode(f"table {tables}: TRUNCATE:{flags}".encode())
    assert change == Truncate(tuple(relations), restart, cascade)


@given(st.booleans(), s.texts.filter(lambda prefix: ", sz: " not in prefix), s.texts)
def test_messages(transactional: bool, prefix: str, content: str) -> None:
    """The content is what the size says, whatever is in it."""
    payload = (
        f"message: transactional: {transactional:d} prefix: {prefix}, "
        f"sz: {len(content.encode())} content:{content}"
    ).encode()
    assert TextDecoder().decode(payload) == Message(transactional, prefix, content)


@given(st.integers(0, 2**32 - 1), s.printed_times())
def test_transactions(xid: int, at: tuple[str, int]) -> None:
    """Begin and commit, in whatever time zone the session is."""
    decoder = TextDecoder()
    assert decoder.decode(f"BEGIN {xid}".encode()) == Begin(xid)
    assert decoder.decode(f"COMMIT {xid} (at {at[0]})".encode()) == Commit(xid, at[1])


def test_names_are_the_same_object() -> None:
    """Runs of changes are found by identity, also across tables and before anything is learned."""
    decoder = TextDecoder()
    found = [
        decoder.decode(f"table public.{table}: INSERT: a[integer]:1 b[text]:'x'".encode())
        for table in "tu" * REPEATED
    ]
    assert len({id(change.names) for change in found if isinstance(change, Insert)}) == 1
    assert len(found) == 2 * REPEATED


def test_a_new_column_is_seen() -> None:
    """A table may be altered while its stream is read."""
    decoder = TextDecoder()
    for _ in range(REPEATED):
        decoder.decode(b"table public.t: INSERT: a[integer]:1")
    change = decoder.decode(b"table public.t: INSERT: a[integer]:1 b[text]:' c[text]:''1'''")
    assert change == Insert(("public", "t"), ("a", "b"), ("1", " c[text]:'1'"))


def test_another_encoding() -> None:
    """A walsender does not convert what the plugin prints."""
    payload = "table public.t: INSERT: a[text]:'10 € café Š'".encode("cp1252")
    change = TextDecoder("windows-1252").decode(payload)
    assert change == Insert(("public", "t"), ("a",), ("10 € café Š",))


def test_a_binary_message_stops_nothing() -> None:
    """Other programs may put anything into their messages."""
    payload = b"message: transactional: 0 prefix: other, sz: 4 content:a\xff\x00\xfe"
    assert TextDecoder().decode(payload) == Message(False, "other", "a\ufffd\x00\ufffd")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"BEGIN",
        b"COMMIT 7",
        b"COMMIT 7 (at yesterday)",
        b"COMMIT 7 (at 2026-01-15 09:30:00)",
        b"PREPARE TRANSACTION 'a', txid 7",
        b"opening a streamed block for transaction TXN 7",
        b"table public.t: INSERT: (no-tuple-data)",
        b"table public.t: INSERT: a[text]:unchanged-toast-datum",
        b"table public.t: DELETE: a[text]:unchanged-toast-datum",
        b"table public.t: UPDATE: (no-tuple-data)",
        b"table public.t: UPDATE: old-key: a[integer]:1",
        b"table public.t: UPDATE: old-key: a[integer]:1 new-tuple: (no-tuple-data)",
        b"table public.t: INSERT: a[integer]:1 ",
        b"table public.t: INSERT: a[integer]:1b[integer]:2",
        b"table public.t: INSERT: a[integer]:'1",
        b"table public.t: INSERT: a[integer]:",
        b"table public.t: INSERT: a[integer]:one",
        b"table public.t: INSERT: A[integer]:1",
        b"table public.t: UPSERT: a[integer]:1",
        b"table public.t, : TRUNCATE: (no-flags)",
        b"table t: TRUNCATE: (no-flags)",
        b"message: transactional: 1 prefix: p, sz: 4 content:abc",
        b"table public.t: INSERT: a[text]:'\xff'",
    ],
)
def test_what_is_never_printed_is_refused(payload: bytes) -> None:
    """A misread change would be a silent hole in the data."""
    decoder = TextDecoder()
    for _ in range(REPEATED):
        decoder.decode(b"table public.t: INSERT: a[integer]:1")
        with pytest.raises(UndecodableError):
            decoder.decode(payload)


def test_the_error_says_where() -> None:
    """The operator gets the place, and some of what is there."""
    with pytest.raises(UndecodableError, match=r"character 37 of 41: a column expected.*oops"):
        TextDecoder().decode(b"table public.t: INSERT: a[integer]:1 oops")
