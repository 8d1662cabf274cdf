"""The benchmark's two servers, their databases, and what their processes use."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from lmtui.database import connect
from lmtui.demo.cluster import Cluster
from lmtui.demo.database import create_database
from lmtui.endpoint import Endpoint

# Equal on both sides. Autovacuum would help or hinder whoever is measured when it comes round.
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "16GB",
    "autovacuum": "off",
    "timescaledb.max_background_workers": "4",
}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Servers:
    """Source and target, both running."""

    source: Cluster
    target: Cluster


@contextmanager
def running(programs: Path | None = None) -> Iterator[Servers]:
    """Both servers; they and their data are gone afterwards. `programs` is where others are."""
    with (
        tempfile.TemporaryDirectory(prefix="lmtui-bench-") as place,
        Cluster(Path(place) / "source", settings=SETTINGS, programs=programs) as source,
        Cluster(Path(place) / "target", settings=SETTINGS, programs=programs) as target,
    ):
        yield Servers(source, target)


def make_database(cluster: Cluster, side: str, name: str, *, timescaledb: bool) -> Endpoint:
    """A new database."""
    return create_database(cluster.endpoint("postgres", side), name, timescaledb=timescaledb)


def drop_database(cluster: Cluster, name: str) -> None:
    """Drop a database with the slots that read it."""
    with connect(cluster.endpoint("postgres"), statement_timeout=0, lock_timeout=0) as connection:
        connection.execute(
            "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots"
            " where database = %s and active",
            (name,),
        )
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
            " where database = %s and not temporary",
            (name,),
        )
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def checkpoint(servers: Servers) -> None:
    """Let neither side still write what it did before."""
    for cluster in (servers.source, servers.target):
        with connect(cluster.endpoint("postgres"), statement_timeout=0) as connection:
            connection.execute("checkpoint")


def server_cpu(cluster: Cluster) -> float:
    """CPU seconds of all processes of a server, also of those that have ended."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    user, system, ended_user, ended_system = _times(postmaster)
    ticks = user + system + ended_user + ended_system
    return ticks / _TICKS + sum(process_cpu(child) for child in children(postmaster))


def process_cpu(pid: int) -> float:
    """CPU seconds of one process; 0 where it is gone."""
    user, system, _, _ = _times(pid)
    return (user + system) / _TICKS


def tree_cpu(pid: int) -> float:
    """CPU seconds of a process and of all below it."""
    user, system, ended_user, ended_system = _times(pid)
    return (user + system + ended_user + ended_system) / _TICKS + sum(
        tree_cpu(child) for child in children(pid)
    )


def tree_peak(pid: int) -> int:
    """The sum of the peaks of memory (resident, bytes) of a process and of all below it."""
    return process_peak(pid) + sum(tree_peak(child) for child in children(pid))


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def process_peak(pid: int) -> int:
    """The most memory (resident, bytes) that a process has used; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def machine_cpu() -> float:
    """CPU seconds of the whole machine, whoever used them."""
    numbers = [int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = numbers[3] + numbers[4]
    # The last two, guests, are counted in the first two already.
    return (sum(numbers[:8]) - idle) / _TICKS


def _times(pid: int) -> tuple[int, int, int, int]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0, 0, 0
    fields = stat.rpartition(") ")[2].split()
    return int(fields[11]), int(fields[12]), int(fields[13]), int(fields[14])
