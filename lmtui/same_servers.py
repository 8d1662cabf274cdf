"""Whether the servers given are those of the migration."""

from lmtui.endpoint import Endpoint
from lmtui.errors import UsageError
from lmtui.events import Endpoints


def refuse_other_servers(endpoints: Endpoints | None, source: Endpoint, target: Endpoint) -> None:
    """Raise UsageError where these are not the servers of the migration, if there is one."""
    if endpoints is None:
        return
    for given, kept in ((source, endpoints.source), (target, endpoints.target)):
        if given.label != kept:
            raise UsageError(
                f"The {given.side} is not the one of this migration",
                detail=f"Given was {given.label}; the migration's is {kept}.",
                hint="Give the same connection strings, or another --dir.",
            )
