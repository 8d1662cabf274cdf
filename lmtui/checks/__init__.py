"""Preflight: what must hold before anything is touched."""

from lmtui.endpoint import Endpoint
from lmtui.events import Finding


def run_checks(source: Endpoint, target: Endpoint, *, plugin: str) -> tuple[Finding, ...]:
    """Run every check in read-only sessions and return the findings."""
    raise NotImplementedError
