"""The proof at the cutover: both sides compared, and nothing committed behind the end."""

import secrets
import time

from msgspec.structs import replace

from lmtui.cutover import drain
from lmtui.cutover.sequences import copy_sequences, sequences_behind
from lmtui.cutover.watch import FenceWatch
from lmtui.database import connect
from lmtui.errors import CutoverError
from lmtui.events import Proof, Validated
from lmtui.humane import count_noun
from lmtui.migration.context import Context
from lmtui.migration.replication import Replication
from lmtui.replay import progress
from lmtui.validation.compare import compare, with_sequences
from lmtui.validation.kept import Kept

WATCH_SECONDS = 30.0
# Without a fence, a writer that happens to be silent during the comparison must still be seen.
UNFENCED_SECONDS = 5.0


def prove(context: Context, replication: Replication, watch: FenceWatch) -> str:
    """Compare both sides, and tell it as an event; says in words what was found."""
    skip = [_qualified(name) for name in context.plan.skip_table_data]
    began = time.monotonic()
    kept = Kept.load(context.directory)
    made = [(one.schema, one.name) for one in context.plan.hypertables]
    proof = compare(context.source, context.target, jobs=2, skip=skip, kept=kept, made=made)
    if proof.sequence_mismatches:
        proof = _with_sequences_set_again(context, proof)
    if context.state.cutover.fence == "none":
        context.wait(max(0.0, UNFENCED_SECONDS - (time.monotonic() - began)))
    after = _changes_after_end(context, replication)
    with connect(context.target, read_only=True) as connection:
        skipped = progress.read(connection, context.state.slot).counts.skipped
    writers = watch.names() if after else ()
    proof = replace(
        proof, changes_after_end=after, changes_skipped=skipped, writers_after_end=writers
    )
    context.tell(Validated(proof=proof))
    unequal = sum(not table.equal for table in proof.tables)
    ahead, parts = (sum(getattr(one, name) for one in proof.tables) for name in ("ahead", "parts"))
    said = f"{len(proof.tables)} relations compared, {unequal} differ"
    if proof.sequence_mismatches:
        said += f"; {count_noun(len(proof.sequence_mismatches), 'sequence')} behind"
    if ahead:
        said += f"; {ahead} of {parts} parts were compared ahead and have not changed since"
    if after:
        who = f", by {'; '.join(writers)}" if writers else ""
        said += f"; {after} changes on the source after the end{who}"
    return f"{said}; {count_noun(skipped, 'change')} skipped" if skipped else said


def _with_sequences_set_again(context: Context, proof: Proof) -> Proof:
    """A source that crashed behind the fence stands at the values that it had logged ahead.

    PostgreSQL logs 32 values at once (SEQ_LOG_VALS), and recovery goes on behind them.
    """
    context.note("The source's sequences have moved on behind the fence: they are set again")
    copy_sequences(context.source, context.target, context.state.cutover.sequence_margin)
    return with_sequences(proof, sequences_behind(context.source, context.target))


def _changes_after_end(context: Context, replication: Replication) -> int:
    """Changes that the source made behind the drain marker, up to now.

    A second marker tells when the stream was read to here.
    """
    content = f"watch:{secrets.token_hex(8)}"
    with connect(context.source, application="lmtui cutover") as source:
        drain.write_marker(source, content)
    deadline = time.monotonic() + WATCH_SECONDS
    while True:
        report = context.applier
        if report is not None and report.watched == content:
            return report.after_end
        if time.monotonic() > deadline:
            raise CutoverError(
                "The stream after the drain could not be watched to its end",
                hint="lmtui resume tries again.",
            )
        replication.watch()
        context.wait(0.02)


def _qualified(name: str) -> tuple[str, str]:
    schema, _, table = name.rpartition(".")
    return schema or "public", table
