"""The source and its replicas, made once for all differential tests."""

from collections.abc import Iterator
from contextlib import closing

import every_type
import pytest
from harness import Pairing

from lmtui.endpoint import Endpoint


@pytest.fixture(scope="session")
def plain(
    source_server: Endpoint, target_server: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pairing]:
    """A database without TimescaleDB."""
    root = tmp_path_factory.mktemp("plain")
    with closing(Pairing(source_server, target_server, "plain", root)) as pairing:
        pairing.everywhere(every_type.SETUP)
        yield pairing


@pytest.fixture(scope="session")
def timescale(
    source_server: Endpoint, target_server: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pairing]:
    """A database with TimescaleDB."""
    root = tmp_path_factory.mktemp("timescale")
    with closing(
        Pairing(source_server, target_server, "timescale", root, timescaledb=True)
    ) as pairing:
        yield pairing


@pytest.fixture(scope="session")
def compressing(
    community_source: Endpoint,
    community_target: Endpoint,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Pairing]:
    """A database with TimescaleDB's community edition."""
    root = tmp_path_factory.mktemp("community")
    with closing(
        Pairing(community_source, community_target, "community", root, timescaledb=True)
    ) as pairing:
        yield pairing
