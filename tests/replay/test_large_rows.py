"""Very large rows: where their values are, how they are cut, and how they lie in the spool."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walsender import message

from lmtui.replay import large
from lmtui.replay.frames import CLOSED, OPEN
from lmtui.replay.protocol import LARGE_BYTES
from lmtui.replay.spool import SpoolReader, SpoolWriter
from lmtui.replay.test_decoding_runs import TextRuns
from lmtui.replay.wal2json_runs import JsonRuns

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40)
escaped = st.text(st.sampled_from('\\"nu0\n\x01\x1f\x7fé'), max_size=40)


def _escaped(text: str) -> str:
    """As PostgreSQL's escape_json prints it."""
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
             "\t": "\\t"}  # fmt: skip
    return "".join(
        short.get(char) or (f"\\u{ord(char):04x}" if char < " " else char) for char in text
    )


@given(st.one_of(texts, escaped), st.integers(6, 50))
def test_pieces_are_the_whole(text: str, size: int) -> None:
    printed = f'"{_escaped(text)}"'.encode()
    runs = JsonRuns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "PIECE_BYTES", size)
        pieces = [*runs.pieces(b"xx" + printed + b"yy", 2, 2 + len(printed))]
    assert b"".join(pieces) == runs.plain(printed)
    assert b"".join(pieces).decode() == '"' + text.replace('"', '""') + '"'
    assert max(map(len, pieces)) <= size * 2


@given(st.lists(st.one_of(st.none(), texts), min_size=1, max_size=5))
def test_values_are_found_where_both_plugins_print_them(values: list[str | None]) -> None:
    printed = " ".join(
        f"c{at}[text]:" + ("null" if one is None else "'" + one.replace("'", "''") + "'")
        for at, one in enumerate(values)
    )
    text = message(1, f"table public.t: UPDATE: old-key: k[bytea]:'\\x00' new-tuple: "
                      f"u[text]:unchanged-toast-datum {printed}".encode())  # fmt: skip
    columns = [
        f'{{"name":"c{at}","typeoid":25,"value":'
        + ("null" if one is None else f'"{_escaped(one)}"')
        + "}"
        for at, one in enumerate(values)
    ]
    document = message(1, (
        '{"action":"U","xid":7,"schema":"public","table":"t","columns":[' + ",".join(columns)
        + '],"identity":[{"name":"k","typeoid":17,"value":"00"}]}'
    ).encode())  # fmt: skip
    for runs, one in ((TextRuns(), text), (JsonRuns(), document)):
        found = runs.cells(one)
        assert found is not None
        assert [cell.name for cell in found.old] == ["k"]
        (key,) = found.old
        csv = key.before + b"".join(runs.pieces(one, key.begin, key.end))
        assert csv.decode() == f"{runs.quote}\\x00{runs.quote}"
        assert [cell.name for cell in found.new] == [f"c{at}" for at in range(len(values))]
        for cell, value in zip(found.new, values, strict=True):
            csv = b"".join(runs.pieces(one, cell.begin, cell.end))
            quote = runs.quote
            doubled = None if value is None else value.replace(quote, quote * 2)
            assert csv.decode() == ("null" if doubled is None else quote + doubled + quote)


@pytest.mark.parametrize(
    "payload",
    [
        "table public.t: UPDATE: old-key: id[integer]:1",
        "table public.t: INSERT: id[integer]:1 x",
        "BEGIN 7",
    ],
)
def test_what_is_printed_otherwise_is_decoded(payload: str) -> None:
    assert TextRuns().cells(message(1, payload.encode())) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"action": "D", "schema": "s", "table": "t", "identity": []},
        {"action": "I", "schema": "s", "table": "t", "columns": [{"name": "a", "value": "x"}]},
        {"action": "B"},
    ],
)
def test_what_is_no_row_in_json_is_decoded(payload: dict[str, object]) -> None:
    printed = json.dumps(payload, separators=(",", ":")).encode()
    assert JsonRuns().cells(message(1, printed)) is None


def _spooled(place: Path) -> tuple[list[bytes], Path]:
    sent = [message(1, b"BEGIN 7"), message(2, b"x" * LARGE_BYTES), message(3, b"COMMIT 7")]
    writer = SpoolWriter(place, 0)
    writer.add(sent[:1], ())
    writer.add([memoryview(sent[1])], ())
    writer.write()
    writer.add(sent[2:], [0])
    writer.write()
    writer.close()
    (path,) = place.glob("*.spool")
    return sent, path


def test_a_large_message_comes_out_of_the_spool_as_it_went_in(tmp_path: Path) -> None:
    sent, _ = _spooled(tmp_path)
    reader = SpoolReader(tmp_path)
    frames = [*iter(reader.next, None)]
    reader.close()
    assert [frame.kind for frame in frames] == [CLOSED, OPEN, CLOSED]
    assert [one for frame in frames for one in frame.messages()] == sent
    assert [list(frame.commits()) for frame in frames] == [[], [], [0]]


@pytest.mark.parametrize("at", [26, 30, 44, 60, LARGE_BYTES // 2, LARGE_BYTES])
def test_a_large_frame_that_is_damaged_or_torn_is_not_there(tmp_path: Path, at: int) -> None:
    _, path = _spooled(tmp_path)
    whole = path.read_bytes()
    for damaged in (whole[:at] + b"\xff" + whole[at + 1 :], whole[:at]):
        path.write_bytes(damaged)
        reader = SpoolReader(tmp_path)
        frames = [*iter(reader.next, None)]
        reader.close()
        assert [frame.messages() for frame in frames] == [[]] * len(frames)
