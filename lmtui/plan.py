"""What the operator chose for a migration. Never holds a secret."""

import msgspec

from lmtui.hypertables.wanted import Wanted
from lmtui.workdir import WorkDirectory, write_atomically


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one migration, kept beside its journal so that resume needs no flags.

    `plugin` is auto, test_decoding or wal2json; `cutover` is manual or when-caught-up; `skip_roles`
    leaves roles out; `skip_extensions` names extensions that are not created on the target;
    `inserts_only` tables that may stay without a replica identity; `hook` is a command and its
    arguments, run at what is worth hearing of (lmtui.hooks). `source_provider` and
    `target_provider` are the services that run the servers; empty to recognise them.
    `keep_dropped_chunks` leaves on the target what chunks held that are dropped on the source
    while it is replayed. `keep_source_ready` says after the cutover what going back takes.
    `accept_unproven` lets `when-caught-up` end the migration also where its end is not proven.
    `hypertables` are plain tables of the source that become hypertables on the target. A snapshot
    older than `max_snapshot_age` (hours; 0 for no limit) is given up for another one, since it
    keeps the source from removing dead rows. `reuse_target` begins a stream that was lost anew,
    and keeps what of the target is equal.
    """

    plugin: str = "auto"
    cutover: str = "manual"
    fence: str = "readonly"
    cutover_timeout: int = 300
    table_jobs: int = 4
    index_jobs: int = 2
    skip_roles: bool = False
    skip_extensions: tuple[str, ...] = ()
    skip_table_data: tuple[str, ...] = ()
    inserts_only: tuple[str, ...] = ()
    drop_if_exists: bool = False
    snapshot_only: bool = False
    hook: tuple[str, ...] = ()
    source_provider: str = ""
    target_provider: str = ""
    keep_dropped_chunks: bool = False
    keep_source_ready: bool = False
    accept_unproven: bool = False
    hypertables: tuple[Wanted, ...] = ()
    max_snapshot_age: float = 8.0
    reuse_target: bool = False

    def save(self, directory: WorkDirectory) -> None:
        """Write it into the work directory."""
        write_atomically(directory.plan, msgspec.json.format(msgspec.json.encode(self)))

    @classmethod
    def load(cls, directory: WorkDirectory) -> "Plan":
        """Read it back; the defaults where there is none."""
        if not directory.plan.exists():
            return cls()
        return msgspec.json.decode(directory.plan.read_bytes(), type=cls)
