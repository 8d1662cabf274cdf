"""How many messages a second each decoder reads, on one core.

Run it with `python bench/decode.py`. It prints one line per plugin and mix.
"""

import json
import sys
import time
from collections.abc import Sequence

from lmtui.replay.decoding import decoder_for

_SECONDS = 1.0
_ROUNDS = 3
_BOOLEAN, _BIGINT, _TEXT, _DOUBLE, _TIMESTAMPTZ, _JSONB = 16, 20, 25, 701, 1184, 3802
_TYPES = {
    _BOOLEAN: "boolean",
    _BIGINT: "bigint",
    _TEXT: "text",
    _DOUBLE: "double precision",
    _TIMESTAMPTZ: "timestamp with time zone",
    _JSONB: "jsonb",
}
_AT = "2026-01-15 09:30:00.123456+00"
_TRANSACTION = 100
_TOAST = "\0"

Cell = tuple[str, int, str | None]


def reading(number: int) -> list[Cell]:
    """A row of a hypertable: narrow, and inserted in bulk."""
    return [
        ("time", _TIMESTAMPTZ, _AT),
        ("sensor_id", _BIGINT, str(number % 500)),
        ("temperature", _DOUBLE, f"{number % 37}.25"),
        ("humidity", _DOUBLE, None if number % 10 == 0 else "0.5"),
    ]


def order(number: int) -> list[Cell]:
    """A row of a shop: text with quotes now and then, and a document."""
    return [
        ("id", _BIGINT, str(number)),
        ("placed_at", _TIMESTAMPTZ, _AT),
        ("customer", _TEXT, "Sinéad O'Connor" if number % 20 == 0 else "Ada Lovelace"),
        ("note", _TEXT, None if number % 3 else 'two lines\nand a "quote"'),
        ("document", _JSONB, json.dumps({"items": [number, number + 1], "gift": False})),
        ("paid", _BOOLEAN, "t" if number % 2 else "f"),
        ("total", _DOUBLE, "129.5"),
    ]


def test_decoding_columns(cells: Sequence[Cell]) -> str:
    """Columns as test_decoding prints them."""
    printed = []
    for name, kind, value in cells:
        if value is None:
            text = "null"
        elif value == _TOAST:
            text = "unchanged-toast-datum"
        elif kind == _BOOLEAN:
            text = "true" if value == "t" else "false"
        elif kind in (_BIGINT, _DOUBLE):
            text = value
        else:
            text = "'" + value.replace("'", "''") + "'"
        printed.append(f" {name}[{_TYPES[kind]}]:{text}")
    return "".join(printed)


def wal2json_columns(cells: Sequence[Cell]) -> list[dict[str, object]]:
    """Columns as wal2json prints them."""
    return [
        {"name": name, "typeoid": kind, "value": value == "t" if kind == _BOOLEAN else value}
        for name, kind, value in cells
        if value != _TOAST
    ]


def test_decoding_message(verb: str, table: str, cells: Sequence[Cell]) -> bytes:
    """A change of a row without an old key, as test_decoding prints it."""
    return f"table public.{table}: {verb}:{test_decoding_columns(cells)}".encode()


def wal2json_message(verb: str, table: str, cells: Sequence[Cell]) -> bytes:
    """A change of a row, as wal2json prints it."""
    message = {
        "action": verb[0],
        "xid": 4711,
        "timestamp": _AT,
        "schema": "public",
        "table": table,
        "columns": wal2json_columns(cells),
    }
    if verb == "UPDATE":
        message["identity"] = wal2json_columns(cells[:1])
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def streams(mix: str, count: int) -> tuple[list[bytes], list[bytes]]:
    """The same changes as both plugins print them, without the transactions around them."""
    text: list[bytes] = []
    documents: list[bytes] = []
    for number in range(count):
        verb, table, cells = "INSERT", "readings", reading(number)
        if mix == "chunks":
            table = f"_hyper_1_{number % 40}_chunk"
        if mix == "mixed" and number % 5 < 2:
            table, cells = "orders", order(number)
            if number % 5 == 1:
                verb = "UPDATE"
                if number % 2:
                    cells[4] = ("document", _JSONB, _TOAST)
        text.append(test_decoding_message(verb, table, cells))
        documents.append(wal2json_message(verb, table, cells))
    return text, documents


def transactions(plugin: str, messages: Sequence[bytes]) -> list[bytes]:
    """The messages in transactions of a hundred changes."""
    if plugin == "test_decoding":
        begin, end = b"BEGIN 4711", f"COMMIT 4711 (at {_AT})".encode()
    else:
        begin = f'{{"action":"B","xid":4711,"timestamp":"{_AT}"}}'.encode()
        end = f'{{"action":"C","xid":4711,"timestamp":"{_AT}"}}'.encode()
    result: list[bytes] = []
    for start in range(0, len(messages), _TRANSACTION):
        result += [begin, *messages[start : start + _TRANSACTION], end]
    return result


def rate(plugin: str, messages: Sequence[bytes]) -> float:
    """Messages a second: the best of some rounds, each of a second at least."""
    best = 0.0
    for _ in range(_ROUNDS):
        decode = decoder_for(plugin).decode
        done = 0
        start = time.perf_counter()
        while (spent := time.perf_counter() - start) < _SECONDS:
            for message in messages:
                decode(message)
            done += len(messages)
        best = max(best, done / spent)
    return best


def main() -> None:
    """Print the rates."""
    for mix in ("inserts", "chunks", "mixed"):
        for plugin, messages in zip(
            ("test_decoding", "wal2json"), streams(mix, 10_000), strict=True
        ):
            stream = transactions(plugin, messages)
            size = sum(map(len, stream)) / len(stream)
            found = rate(plugin, stream)
            sys.stdout.write(
                f"{plugin:14} {mix:8} {found:10,.0f} messages/s"
                f" {found * size / 1e6:6.0f} MB/s ({size:.0f} bytes each)\n"
            )


if __name__ == "__main__":
    main()
