"""What the router makes of streams recorded on TimescaleDB's community edition.

Each file of `recorded/` holds the messages of one output plugin, step by step, and what the
catalog said before the first. The lab's edition has no compression, so these cannot be made anew
there. What TimescaleDB writes only for itself (jobs, indexes, statistics) was left out.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lmtui.replay.change import Begin, Commit, Delete, DropChunks, Insert, Truncate, Update
from lmtui.replay.decoding import decoder_for
from lmtui.replay.facts import CatalogFacts, Fact, kept_text
from lmtui.replay.ranges import HIGHEST, LOWEST, spans_text
from lmtui.replay.router import Router
from lmtui.replay.stops import HiddenChangeError, UnknownChunkError

FILES = sorted((Path(__file__).parent / "recorded").glob("timescaledb-*.txt"))
DAY = 86_400_000_000
NEW_YEAR = 1_767_225_600_000_000

HIDDEN = "stop: compressed rows changed without being named"
ROUTED: dict[str, list[str]] = {
    "a row in a new chunk": ["insert public.m 2026-01-05 00:00:00+00,1,41"],
    "a row in a new chunk with a schema and prefix of its own": ['insert public.Odd "name 210,3'],
    "compress": [],
    "insert into a compressed chunk": ["insert public.m 2026-01-02 01:00:00+00,1,99"],
    "update a compressed row": ["update public.m 2026-01-02 00:00:00+00,1,-1"],
    "delete a compressed row": ["delete public.m 2026-01-02 00:00:00+00,2"],
    "upsert on a compressed row": ["update public.m 2026-01-01 00:00:00+00,1,-7"],
    "recompress segments": [],
    "recompress as a whole": ["insert public.m 2026-01-02 02:00:00+00,1,98"],
    "decompress": [],
    "delete a whole batch": [HIDDEN],
    "recompress without markers": ["insert public.m 2026-01-02 03:00:00+00,2,97", HIDDEN],
    "merge": [],
    "insert into what was merged": ["insert public.m 2026-01-04 01:00:00+00,3,3"],
    "drop_chunks": ["drop public.m t day 0 to 1"],
    "drop_chunks and a row at the same time again": [
        'drop public.Odd "name t 0 to 100',
        'drop public.Odd "name t 100 to 200',
        'insert public.Odd "name 20,20',
    ],
    "drop the table of a chunk": ["drop public.m t day 4 to 5"],
    "truncate a chunk": [HIDDEN],
    "drop one chunk of two at the same time": [
        "drop public.sp t day 0 to 1 and hash of d below 1073741823"
    ],
    "drop_chunks in two dimensions": ["drop public.sp t day 0 to 1", "drop public.sp t day 1 to 2"],
    "refresh a continuous aggregate": [],
    "truncate": ["truncate public.m"],
    "a table becomes a hypertable": ["stop: made a hypertable"],
    "drop a hypertable": [],
}
# wal2json leaves out what a table without a key loses or changes, such as TimescaleDB's own.
BY_WAL2JSON: dict[str, list[str]] = {
    "delete a whole batch": [
        f"delete public.m 2026-01-0{day} 00:00:00+00,1" for day in (1, 3, 4, 5)
    ],
}
SHARED_SLICES_BY_WAL2JSON: dict[str, list[str]] = {
    # Up to 2.25 there are marks around the nothing that it shows.
    "delete a whole batch": [HIDDEN],
    "drop one chunk of two at the same time": ["not mirrored: 1"],
    "drop_chunks in two dimensions": ["not mirrored: 3"],
}


KEPT = {
    'Odd "name': "0 to 200",
    "sp": f"{NEW_YEAR} to {NEW_YEAR + 2 * DAY},"
    f" {NEW_YEAR} to {NEW_YEAR + DAY} and hash of d 0 to 1073741823",
}
TOUCHED = {
    'Odd "name': "0 to 300 in 2 ranges",
    "m": f"{NEW_YEAR} to {NEW_YEAR + 5 * DAY}",
    "plain": "2026-01-01 to 2026-01-08",
}


class Recording:
    """A recorded stream: the catalog before it, and its steps."""

    def __init__(self, path: Path) -> None:
        *_, self.version, self.plugin = path.stem.split("-")
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        self.facts = msgspec.json.decode(first.removeprefix("facts "), type=CatalogFacts)
        self.steps: dict[str, list[bytes]] = {}
        for line in lines:
            if line.startswith("step "):
                messages = self.steps[line.removeprefix("step ")] = []
            else:
                messages.append(line.encode())

    def router(self) -> Router:
        """A router that knows what the catalog said."""
        return Router(self.facts, shows_keyless=self.plugin != "wal2json")

    def route(self, router: Router, step: str) -> list[str]:
        """What becomes of a step. A transaction that cannot be followed leaves only its error."""
        done: list[str] = []
        decoder = decoder_for(self.plugin)
        said: list[str] = []
        stopped = False
        for payload in self.steps[step]:
            change = decoder.decode(payload)
            if isinstance(change, Begin):
                router.begin(1)
                said, stopped = [], False
            elif isinstance(change, Commit):
                if not stopped:
                    left = router.end()
                    said += _dropped(router)
                    said += [f"not mirrored: {len(left)}"] if left else []
                done += said
            elif not stopped:
                try:
                    routed = router.route(change)
                except HiddenChangeError as error:
                    stopped = True
                    said = [_short(error)]
                    continue
                said += _dropped(router)
                if isinstance(routed, Insert | Update | Delete | Truncate):
                    said.append(_words(routed))
        return done


def _dropped(router: Router) -> Iterator[str]:
    yield from map(_words, router.dropped)
    router.dropped.clear()


def _words(change: Insert | Update | Delete | Truncate | DropChunks) -> str:
    match change:
        case Truncate():
            return f"truncate {', '.join('.'.join(one) for one in change.relations)}"
        case DropChunks():
            ranges = [
                f"hash of {one.column} below {one.end}"
                if one.closed
                else f"{one.column} {_range(one.start, one.end)}"
                for one in change.ranges
            ]
            return f"drop {'.'.join(change.relation)} {' and '.join(ranges)}"
        case Delete():
            values = change.key_values
        case _:
            values = change.values
    kind = type(change).__name__.lower()
    return f"{kind} {'.'.join(change.relation)} {','.join(map(str, values))}"


def _range(start: int | None, end: int | None) -> str:
    assert start is not None
    assert end is not None
    if start < NEW_YEAR:
        return f"{start} to {end}"
    return f"day {(start - NEW_YEAR) // DAY} to {(end - NEW_YEAR) // DAY}"


def _short(error: HiddenChangeError) -> str:
    return "stop: made a hypertable" if "made a hypertable" in error.title else HIDDEN


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def recording(request: pytest.FixtureRequest) -> Recording:
    path: Path = request.param
    return Recording(path)


def test_every_step_gives_what_the_source_did(recording: Recording) -> None:
    expected = dict(ROUTED)
    if recording.plugin == "wal2json":
        expected |= BY_WAL2JSON
        if recording.version == "2.19.3":
            expected |= SHARED_SLICES_BY_WAL2JSON
    router = recording.router()
    routed = {step: recording.route(router, step) for step in recording.steps}
    assert list(routed) == list(expected)
    for step, changes in expected.items():
        assert routed[step] == changes, step


def test_it_goes_on_after_a_restart_with_what_was_learned(recording: Recording) -> None:
    """As the applier does after a crash: the snapshot's facts, and what was kept since."""
    kept: dict[str, Fact] = {}
    whole, router = recording.router(), recording.router()
    for step in recording.steps:
        expected = recording.route(whole, step)
        assert recording.route(router, step) == expected, step
        kept.update(router.learned)
        router = recording.router()
        router.know(msgspec.json.decode(msgspec.json.encode([*kept.values()]), type=list[Fact]))


def test_keeping_dropped_chunks_remembers_what_they_held(recording: Recording) -> None:
    router = Router(recording.facts, mirror_drops=False)
    routed = [recording.route(router, step) for step in recording.steps]
    said = [words for changes in routed for words in changes]
    assert not any(words.startswith(("drop ", "not mirrored")) for words in said)
    kept = {fact.name: kept_text(fact) for fact in router.ranges if fact.kept}
    # m was truncated on both sides later: of that nothing is kept.
    assert kept == KEPT, kept


def test_what_was_written_to_is_remembered_by_chunks(recording: Recording) -> None:
    router = recording.router()
    for step in recording.steps:
        recording.route(router, step)
    touched = {
        fact.name: spans_text(fact.touched, fact.data_type)
        for fact in router.ranges
        if fact.touched
    }
    expected = dict(TOUCHED)
    if (recording.version, recording.plugin) == ("2.19.3", "wal2json"):
        # Without the rows of the transaction that could not be followed.
        expected["m"] += " in 2 ranges"
    assert touched == expected
    dropped = {fact.name: fact.dropped for fact in router.ranges}
    assert dropped['Odd "name'] == ((0, 200),)
    # It was truncated in the end.
    assert dropped["m"] == ((LOWEST, HIGHEST),)


def _route_all(router: Router, recording: Recording, step: str) -> None:
    decoder = decoder_for(recording.plugin)
    for payload in recording.steps[step]:
        router.route(decoder.decode(payload))


def test_rows_of_a_chunk_that_no_hypertable_is_known_for_stop(recording: Recording) -> None:
    router = Router(msgspec.structs.replace(recording.facts, hypertables=()))
    router.begin(1)
    with pytest.raises(UnknownChunkError, match="catalog entry"):
        _route_all(router, recording, "insert into a compressed chunk")
