"""Whether a seeded corruption is found, and how long that takes, beside `pgcopydb compare data`.

Run it in the lab with `python bench/proof.py` (or `make proof`). Both sides get the same rows; then
one thing is changed on the target at a time, both sides are compared, and it is put right again.
A paused job is among them where the servers have TimescaleDB's community edition (--programs DIR).
"""
# The SQL is put together from numbers of this file.
# ruff: noqa: S608

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from servers import checkpoint, make_database, running

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.events import Proof
from lmtui.validation.compare import compare

# One half has a key; in the other nothing keeps a row from being there twice.
_SCHEMA = """
create table public.orders (id bigint primary key, at timestamptz not null, customer text,
                            amount numeric(12, 2), note text);
insert into public.orders
    select i, '2025-01-01'::timestamptz + i * interval '1 second', 'customer ' || i % 5000,
           (i % 100000) / 100.0, md5(i::text) from generate_series(1, {half}) i;
create table public.readings (at timestamptz not null, sensor int, value double precision);
select public.create_hypertable('public.readings', 'at', chunk_time_interval => interval '7 days');
insert into public.readings
    select '2025-01-01'::timestamptz + i * interval '1 second', i % 1000, i / 7.0
    from generate_series(1, {half}) i;
create sequence public.numbers;
select setval('public.numbers', 1000);
"""


# Only the community edition has policies.
_POLICY = "select public.add_retention_policy('public.readings', interval '1000 years')"


class Corruption(NamedTuple):
    """What is done to the target, how it is put right, and how the proof must name it.

    What is not `of_data` is told with the inventory, while rows and sequences are equal.
    """

    name: str
    seed: str
    mend: str
    named: Callable[[Proof], bool]
    of_data: bool = True


def _rows(proof: Proof) -> list[tuple[str, str | None, str | None]]:
    return [(row.key, row.source, row.target) for row in proof.rows]


def _schedule(*, on: bool) -> str:
    return (
        f"select public.alter_job(job_id, scheduled => {str(on).lower()})"
        " from timescaledb_information.jobs where proc_name = 'policy_retention'"
    )


_PAUSED = Corruption(
    "one job paused",
    _schedule(on=False),
    _schedule(on=True),
    lambda proof: (
        [word.partition(": ")[2] for word in proof.inventory]
        == ["active on the source, paused on the target"]
    ),
    of_data=False,
)
_NOTHING = Corruption("nothing", "", "", lambda proof: not proof.inventory, of_data=False)


def _corruptions(half: int) -> list[Corruption]:
    one = half // 3
    at = f"'2025-01-01'::timestamptz + {one} * interval '1 second'"
    return [
        Corruption(
            "one row changed",
            f"update public.orders set amount = amount + 0.01 where id = {one}",
            f"update public.orders set amount = amount - 0.01 where id = {one}",
            lambda proof: [key for key, _, _ in _rows(proof)] == [f"id = {one}"],
        ),
        Corruption(
            "one row missing",
            f"create table public.aside as select * from public.orders where id = {one};"
            f"delete from public.orders where id = {one}",
            "insert into public.orders select * from public.aside; drop table public.aside",
            lambda proof: (
                [(key, target) for key, _, target in _rows(proof)] == [(f"id = {one}", None)]
            ),
        ),
        Corruption(
            "one row doubled",
            f"insert into public.readings select * from public.readings where at = {at}",
            f"with kept as (delete from public.readings where at = {at} returning *)"
            " insert into public.readings select distinct * from kept",
            lambda proof: [found[1:] for found in _rows(proof)] == [("1 time", "2 times")],
        ),
        Corruption(
            "one sequence behind",
            "select setval('public.numbers', 999)",
            "select setval('public.numbers', 1000)",
            lambda proof: (
                [word.split(":")[0] for word in proof.sequence_mismatches] == ["public.numbers"]
            ),
        ),
    ]


def main() -> int:
    """Run it; 0 only where everything was found and named, and nothing where nothing was seeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows in all (10,000,000)")
    parser.add_argument("--no-pgcopydb", action="store_true", help="lmtui alone")
    parser.add_argument(
        "--programs", type=Path, metavar="DIR", help="PostgreSQL's programs, where they are others"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    options = parser.parse_args()
    half = options.rows // 2
    found: list[dict[str, Any]] = []
    with running(options.programs) as servers:
        source = make_database(servers.source, "source", "proof", timescaledb=True)
        target = make_database(servers.target, "target", "proof", timescaledb=True)
        for endpoint in (source, target):
            with connect(endpoint, statement_timeout=0) as connection:
                connection.execute(_SCHEMA.format(half=half))
                if community := _has_policies(endpoint):
                    connection.execute(_POLICY)
                connection.execute("vacuum analyze")
        checkpoint(servers)
        _say(f"{options.rows:,} rows on either side")
        found.append(_judge(_NOTHING, source, target, options))
        if not community:
            _say("no job is paused: that takes TimescaleDB's community edition")
        for one in [*_corruptions(half), *([_PAUSED] if community else [])]:
            _on(target, one.seed)
            found.append(_judge(one, source, target, options))
            _on(target, one.mend)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0 if all(one["lmtui"]["right"] for one in found) else 1


def _has_policies(endpoint: Endpoint) -> bool:
    with connect(endpoint) as connection:
        return connection.execute("show timescaledb.license").fetchall() == [("timescale",)]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _on(endpoint: Endpoint, statements: str) -> None:
    with connect(endpoint, statement_timeout=0) as connection:
        for statement in statements.split(";"):
            connection.execute(statement.encode())


def _judge(
    one: Corruption, source: Endpoint, target: Endpoint, options: argparse.Namespace
) -> dict[str, Any]:
    began = time.monotonic()
    proof = compare(source, target, paused=())
    seconds = time.monotonic() - began
    right = one.named(proof) and proof.equal == (not one.of_data)
    words = [f"{row.relation} {row.key}: {row.source} / {row.target}" for row in proof.rows]
    words += (*proof.sequence_mismatches, *proof.inventory)
    ours = {"seconds": seconds, "equal": proof.equal, "right": right, "words": words}
    _say(
        f"{one.name:<22} lmtui {seconds:7.1f} s, {'right' if right else 'WRONG'}: "
        f"{'; '.join(words) or ('equal' if proof.equal else 'not equal')}"
    )
    theirs = {} if options.no_pgcopydb else _pgcopydb(source, target)
    if theirs:
        _say(f"{'':<22} pgcopydb {theirs['seconds']:4.1f} s, {theirs['words']}")
    return {"corruption": one.name, "lmtui": ours, "pgcopydb": theirs}


def _pgcopydb(source: Endpoint, target: Endpoint) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="lmtui-bench-") as place:
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603
            ["pgcopydb", "compare", "data", "--dir", f"{place}/work", "--table-jobs", "4"],  # noqa: S607
            env={
                **os.environ,
                "PGCOPYDB_SOURCE_PGURI": source.uri(),
                "PGCOPYDB_TARGET_PGURI": target.uri(),
                "XDG_DATA_HOME": place,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
    errors = re.findall(r"ERROR\s+\S+\s+(.*)", done.stderr)
    words = f"exit code {done.returncode}" + "".join(f"; {one}" for one in errors[:3])
    return {"seconds": seconds, "code": done.returncode, "words": words}


if __name__ == "__main__":
    sys.exit(main())
