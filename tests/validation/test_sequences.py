"""Sequences are compared by what they give next, and set exactly."""

import pytest

from lmtui.cutover.sequences import copy_sequences
from lmtui.database import connect, run
from lmtui.endpoint import Endpoint
from lmtui.errors import CutoverError, ServerError
from lmtui.validation.compare import compare
from lmtui.validation.sequences import SequenceState, mismatches, read_sequences

Pair = tuple[Endpoint, Endpoint]

SEQUENCES = (
    "create table public.orders (id serial, other bigint generated always as identity)",
    'create sequence public."Odd ""name"" %s" start 100',
    "create sequence public.down increment -5",
    "create schema app",
    "create sequence app.fresh",
)
USED = (
    "insert into public.orders select from generate_series(1, 41)",
    """select nextval('public."Odd ""name"" %s"')""",
    "select nextval('public.down') from generate_series(1, 3)",
    "select setval('public.orders_other_seq', 77, false)",
)


def execute(endpoint: Endpoint, *statements: str) -> None:
    with connect(endpoint) as connection:
        for statement in statements:
            connection.execute(statement)


def state(last_value: int | None, is_called: bool, increment: int = 1) -> SequenceState:
    return SequenceState("public", "s", increment, last_value, is_called)


@pytest.mark.parametrize(
    ("source", "target", "equal"),
    [
        (state(5, True), state(5, True), True),
        (state(5, True), state(6, False), True),
        (state(5, True), state(5, False), False),
        (state(5, True), state(9, True), True),
        (state(5, True), state(4, True), False),
        (state(1, False), state(1, False), True),
        (state(1, False), state(1, True), True),
        (state(-5, True, -1), state(-6, True, -1), True),
        (state(-5, True, -1), state(-4, True, -1), False),
        (state(None, False), state(1, True), False),
        (state(1, True), state(None, False), False),
    ],
)
def test_a_sequence_is_behind_if_its_next_value_is(
    source: SequenceState, target: SequenceState, equal: bool
) -> None:
    key = ("public", "s")
    assert (mismatches({key: source}, {key: target}) == ()) is equal


@pytest.mark.postgres
def test_all_kinds_of_sequences_are_set_exactly_and_again(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, *SEQUENCES, *USED)
    execute(target, *SEQUENCES)
    before = compare(source, target)
    assert before.sequences_checked == 5
    assert not before.equal
    assert before.sequence_mismatches == (
        'public."Odd ""name"" %s": next value 100 on the target, 101 on the source',
        "public.down: next value -1 on the target, -16 on the source",
        "public.orders_id_seq: next value 1 on the target, 42 on the source",
        "public.orders_other_seq: next value 1 on the target, 77 on the source",
    )
    for _ in range(2):
        assert copy_sequences(source, target) == 5
    with connect(source) as ours, connect(target) as theirs:
        assert read_sequences(ours) == read_sequences(theirs)
    assert compare(source, target).sequence_mismatches == ()


@pytest.mark.postgres
def test_many_sequences_are_read_in_batches(fresh_databases: Pair) -> None:
    many = [f"create sequence public.s{number} start {number}" for number in range(1, 452)]
    for endpoint in fresh_databases:
        execute(endpoint, "; ".join(many))
    assert copy_sequences(*fresh_databases) == 451
    with connect(fresh_databases[1]) as connection:
        found = read_sequences(connection)
    assert found["public", "s451"].last_value == 451


@pytest.mark.postgres
def test_a_sequence_missing_on_the_target_is_named(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create sequence public.lost", "create sequence public.kept")
    execute(target, "create sequence public.kept")
    with pytest.raises(CutoverError, match=r"missing on the target\npublic\.lost\n"):
        copy_sequences(source, target)
    assert compare(source, target).sequence_mismatches == ("public.lost: missing on the target",)


@pytest.mark.postgres
def test_a_value_out_of_bounds_is_the_servers_word(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create sequence public.s start 1000")
    execute(target, "create sequence public.s maxvalue 10")
    with pytest.raises(ServerError, match=r'22003.* sequence "s"'):
        copy_sequences(source, target)


@pytest.mark.postgres
def test_an_unreadable_sequence_is_named(fresh_databases: Pair) -> None:
    source, target = fresh_databases
    execute(source, "create sequence public.s", "drop role if exists blind",
            "create role blind login password 'blind'")  # fmt: skip
    blind = Endpoint("source", {**source.parameters, "user": "blind", "password": "blind"})
    try:
        with pytest.raises(CutoverError, match=r"cannot be read\npublic\.s\n"):
            copy_sequences(blind, target)
    finally:
        execute(source, "drop role blind")


@pytest.mark.postgres
def test_timescaledbs_own_sequences_are_left_alone(timescale_databases: Pair) -> None:
    for endpoint in timescale_databases:
        execute(endpoint, "create sequence public.mine")
    with connect(timescale_databases[0]) as connection:
        assert list(read_sequences(connection)) == [("public", "mine")]
        assert run(connection, "sequences_all", {"hidden_schemas": "^$"}) != []


def test_with_a_margin_they_are_ahead(fresh_databases: Pair) -> None:
    """Also where there is no room for all of it."""
    source, target = fresh_databases
    for endpoint in fresh_databases:
        execute(endpoint, *SEQUENCES, "create sequence public.narrow maxvalue 50")
    execute(source, *USED, "select setval('public.narrow', 45)")
    copy_sequences(source, target, 1000)
    copy_sequences(source, target, 1000)
    with connect(target) as connection:
        found = {name: state for (_, name), state in read_sequences(connection).items()}
    assert found["orders_id_seq"].next_value == 1042
    assert found["down"].next_value == -11 - 5000 - 5
    assert found["narrow"].last_value == 50
    assert compare(source, target).sequence_mismatches == ()
