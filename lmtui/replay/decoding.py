"""What reads the messages of an output plugin, and routes its changes."""

from lmtui.errors import UsageError
from lmtui.plan import Plan
from lmtui.replay.blocks import Printed
from lmtui.replay.change import Decoder
from lmtui.replay.facts import CatalogFacts
from lmtui.replay.points import Passed
from lmtui.replay.router import Router
from lmtui.replay.test_decoding import TextDecoder
from lmtui.replay.test_decoding_runs import TextRuns
from lmtui.replay.wal2json import JsonDecoder
from lmtui.replay.wal2json_runs import JsonRuns
from lmtui.workdir import WorkDirectory


def decoder_for(plugin: str, encoding: str = "utf-8") -> Decoder:
    """A decoder of a plugin's messages, with a state of its own.

    `encoding` is Python's name for the encoding of the source database: the walsender does not
    convert what a plugin prints. Raises UsageError for an unknown plugin or encoding.
    """
    if plugin == TextDecoder.plugin:
        return TextDecoder(encoding)
    if plugin == JsonDecoder.plugin:
        return JsonDecoder(encoding)
    raise UsageError(
        f"There is no decoder for the output plugin {plugin}",
        hint=f"The plugins are {TextDecoder.plugin} and {JsonDecoder.plugin}.",
    )


def printed_by(plugin: str) -> Printed:
    """How a plugin that `decoder_for` knows prints the changes of rows."""
    return TextRuns() if plugin == TextDecoder.plugin else JsonRuns()


def router_for(
    plugin: str, facts: CatalogFacts, directory: WorkDirectory, passed: Passed | None = None
) -> Router:
    """The router of a plugin's changes, as the plan and the synchronisation points want it."""
    keep = Plan.load(directory).keep_dropped_chunks
    return Router(facts, mirror_drops=not keep, shows_keyless=plugin != "wal2json", passed=passed)
