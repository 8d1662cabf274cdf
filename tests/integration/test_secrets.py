"""A client key with a password: what is spawned for the copy never shows it."""

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, command_lines, execute, one

from lmtui.demo.cluster import Cluster, binaries
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError

pytestmark = [pytest.mark.postgres, pytest.mark.migration]

SSL_SECRET = "sesame-of-the-key-4410"  # noqa: S105
HBA = """
local all all scram-sha-256
host all postgres all scram-sha-256
hostssl all operator all scram-sha-256 clientcert=verify-ca
hostssl replication operator all scram-sha-256 clientcert=verify-ca
"""


def _openssl(directory: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)


@pytest.fixture
def keys() -> Iterator[Path]:
    """An authority, a server's key and certificate, and a client's key with a password."""
    with tempfile.TemporaryDirectory(prefix="lmtui-tls-") as made:
        directory = Path(made)
        _openssl(directory, "req", "-new", "-x509", "-nodes", "-subj", "/CN=authority",
                 "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip
        for name, words in (
            ("server", ["-nodes"]),
            ("client", ["-passout", f"pass:{SSL_SECRET}"]),
        ):
            _openssl(directory, "req", "-new", "-subj", f"/CN={name}", *words,
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
            _openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt",
                     "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.crt")  # fmt: skip
            (directory / f"{name}.key").chmod(0o600)
        yield directory


def _operator(cluster: Cluster, side: str, keys: Path) -> Endpoint:
    (cluster.data / "pg_hba.conf").write_text(HBA)
    server = cluster.endpoint("postgres", side)
    execute(
        server,
        "create role operator superuser login password 'word'",
        "create database moved",
        "select pg_reload_conf()",
    )
    more = {
        "user": "operator", "password": "word", "dbname": "moved", "sslmode": "require",
        "sslcert": str(keys / "client.crt"), "sslkey": str(keys / "client.key"),
        "sslpassword": SSL_SECRET,
    }  # fmt: skip
    return Endpoint(side, {**server.parameters, **more})


class Sampler:
    """Looks at the arguments of all processes, again and again."""

    def __init__(self) -> None:
        self.programs: set[str] = set()
        self.shown: set[bytes] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            for pid, words in command_lines():
                with contextlib.suppress(OSError):
                    self.programs.add(Path(f"/proc/{pid}/exe").readlink().name)
                if any(SSL_SECRET.encode() in word for word in words):
                    self.shown.add(b" ".join(words))


def test_password_of_a_client_key_is_shown_nowhere(keys: Path, tmp_path: Path) -> None:
    tls = {"ssl": "on", "ssl_ca_file": str(keys / "ca.crt")}
    tls |= {f"ssl_{kind}_file": str(keys / f"server.{end}")
            for kind, end in (("cert", "crt"), ("key", "key"))}  # fmt: skip
    try:
        binaries()
    except LmtuiError as error:
        if os.environ.get("LMTUI_LAB") == "1":
            raise
        pytest.skip(str(error))
    with (
        Cluster(keys / "a", settings=tls) as source,
        Cluster(keys / "b", settings=tls) as target,
    ):
        shop = CommandLine(
            tmp_path / "work",
            _operator(source, "source", keys),
            _operator(target, "target", keys),
        )
        execute(
            shop.source,
            "create table public.item (id int primary key)",
            "insert into public.item select generate_series(1, 1000)",
        )
        uris = {
            "PGCOPYDB_SOURCE_PGURI": shop.source.uri(),
            "PGCOPYDB_TARGET_PGURI": shop.target.uri(),
        }
        try:
            with Sampler() as sampler:
                shop("migrate", "--yes", "--cutover", "when-caught-up", more=uris)
        finally:
            shop.leave()
        assert {"pgcopydb", "pg_dump", "pg_restore"} <= sampler.programs
        assert sampler.shown == set()
        assert one(shop.target, "select count(*) from public.item") == 1000
        told = [path for path in shop.files() if SSL_SECRET.encode() in path.read_bytes()]
        assert told == []
        assert SSL_SECRET not in "".join(shop.said)
