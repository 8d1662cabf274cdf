"""Random schemas and changes: what the source has at the end, each target has too.

LMTUI_EXAMPLES is how many are tried; a failure is best kept as a test of its own.
"""

import contextlib
import os

import psycopg
import pytest
from every_type import Type
from harness import Case, Pairing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_changes import Column, Table, Transaction, histories, transactions

pytestmark = pytest.mark.postgres

EXAMPLES = int(os.environ.get("LMTUI_EXAMPLES", "30"))
often = settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
batches = st.sampled_from([None, None, 1, 2, 5])
parts = st.sampled_from([None, None, 1, 400])


# What a random value may meet, but for a statement that makes no sense.
_REFUSALS = (psycopg.IntegrityError, psycopg.DataError, psycopg.OperationalError)


def _run(case: Case, transaction: Transaction) -> None:
    case.run("begin")
    for statement, undone in transaction.statements:
        case.run("savepoint s")
        with contextlib.suppress(*_REFUSALS):
            case.run(statement)
            if not undone:
                case.run("release s")
                continue
        case.run("rollback to s")
    case.run("commit" if transaction.committed else "rollback")


def _check(
    case: Case, history: list[Transaction], batch: int | None, part: int | None, *, singly: bool
) -> None:
    for transaction in history:
        _run(case, transaction)
        if transaction.compared:
            case.check(batch_rows=batch, part_bytes=part, one_by_one=singly)
    case.check(batch_rows=batch, part_bytes=part, one_by_one=singly)


@pytest.mark.timeout(3600)
@often
@given(histories(), batches, parts, st.sampled_from([False, False, False, True]))
def test_random_schemas(
    plain: Pairing, drawn: tuple[list[Table], list[Transaction]], batch: int | None,
    part: int | None, singly: bool,
) -> None:  # fmt: skip
    tables, history = drawn
    setup = ";".join(table.setup for table in tables)
    target_setup = ";".join(table.target_setup for table in tables)
    with plain.case(setup, target_setup=target_setup) as case:
        _check(case, history, batch, part, singly=singly)


MOMENTS = Type(
    "timestamptz",
    tuple(f"'2026-01-{day} {hour}:00'" for day in ("01", "02", "09") for hour in (3, 9)),
)
HYPERTABLE = Table(
    name="h",
    columns=(
        Column("at", MOMENTS, nullable=False),
        Column("device", Type("int", ("1", "2", "3", "4")), nullable=False),
        Column("v", Type("float8", ("0", "1.5", "'NaN'", "'-0'")), nullable=True),
        Column("note", Type("text", ("'x'", "repeat(md5('1'), 90)")), nullable=True),
    ),
    setup="""
        create table h (at timestamptz not null, device int not null, v float8, note text {});
        alter table h alter note set storage external;
        select create_hypertable('h', 'at', chunk_time_interval => interval '1 day')
    """,
    target_setup="",
    scopes=("h",),
    changeable=True,
)


@pytest.mark.timeout(3600)
@often
@given(
    st.lists(transactions([HYPERTABLE]), min_size=1, max_size=8),
    st.booleans(), batches, parts, st.sampled_from([False, False, False, True]),
)  # fmt: skip
def test_random_changes_of_a_hypertable(
    timescale: Pairing, history: list[Transaction], keyed: bool, batch: int | None,
    part: int | None, singly: bool,
) -> None:  # fmt: skip
    setup = HYPERTABLE.setup.format(", primary key (at, device)" if keyed else "")
    if not keyed:
        setup = setup.replace("select", "alter table h replica identity full; select")
    with timescale.case(setup) as case:
        _check(case, history, batch, part, singly=singly)
