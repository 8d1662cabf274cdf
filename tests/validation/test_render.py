"""A proof on a terminal of 80 columns, and as JSON."""

from datetime import UTC, datetime

import msgspec

from lmtui.events import Proof, TableVerdict
from lmtui.validation.render import WIDTH, as_json, text


def verdict(name: str, *, equal: bool, note: str = "") -> TableVerdict:
    return TableVerdict(
        schema="public",
        name=name,
        kind="table",
        source_rows=1234567890,
        target_rows=1234567890 if equal else 1,
        source_checksum="-123456789012345678901:12345678901234567890",
        target_checksum="" if note else "5:6",
        equal=equal,
        seconds=1.0,
        note=note,
    )


PROOF = Proof(
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    equal=False,
    seconds=4.25,
    tables=(
        verdict("orders", equal=True),
        verdict("A name that is far too long for its column in a table", equal=False),
        verdict("lost", equal=False, note="missing on the target"),
    ),
    sequences_checked=3,
    sequence_mismatches=("public.s: next value 1 on the target, 2 on the source",),
    not_compared=("unlogged table public.cache: its changes are not in the WAL",),
    inventory=("index public.i: missing on the target",),
    changes_after_end=2,
)


def test_no_line_is_wider_than_a_terminal() -> None:
    assert max(map(len, text(PROOF).splitlines())) <= WIDTH


def test_every_fact_is_there() -> None:
    shown = " ".join(text(PROOF).split())
    for words in (
        "public.orders 1,234,567,890 1,234,567,890 equal",
        "public.lost 1,234,567,890 ? DIFFERENT missing on the target",
        "DIFFERENT checksums -123456789012345678901:12345678901234567890",
        "Not equal: 1 of 3 relations",
        "2 of 3 sequences, in 4.2 s (2026-03-01 12:00:00 UTC).",
        "2 changes came after the end of the replay.",
        "Sequences behind or missing: public.s: next value 1",
        "Not compared: unlogged table public.cache",
        "Inventory differences: index public.i",
    ):
        assert words in shown


def test_json_is_read_back_the_same() -> None:
    assert msgspec.json.decode(as_json(PROOF), type=Proof) == PROOF
