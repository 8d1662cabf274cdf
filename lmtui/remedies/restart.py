"""Waiting for a server that the operator restarts."""

import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime

from lmtui.database import connect
from lmtui.endpoint import Endpoint
from lmtui.errors import ConnectionFailedError

POLL_SECONDS = 1.0


def started(endpoint: Endpoint) -> datetime:
    """When the server was started, by its own clock. Raises ConnectionFailedError."""
    with closing(connect(endpoint, read_only=True)) as session:
        [(at,)] = session.execute("select pg_postmaster_start_time()").fetchall()
    return datetime.fromisoformat(str(at))


def await_restart(endpoints: Iterable[Endpoint], before: Mapping[str, datetime]) -> None:
    """Return once each server was started after `before`, which is by side."""
    for endpoint in endpoints:
        while True:
            try:
                if started(endpoint) > before[endpoint.side]:
                    break
            except ConnectionFailedError:
                # It is down, or still starting.
                pass
            time.sleep(POLL_SECONDS)
