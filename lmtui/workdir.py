"""The work directory of one migration: its paths, its lock, and atomic writes."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lmtui.errors import AlreadyRunningError, UsageError

# Whoever looks whether a supervisor lives holds the lock, shared, for a moment.
LOCK_SECONDS = 0.3
# sun_path holds 108 bytes with its terminator (unix(7)).
SOCKET_PATH_LIMIT = 107


def default_directory(environment: Mapping[str, str]) -> Path:
    """$PGCOPYDB_DIR, else a directory under the user's state directory (XDG)."""
    if given := environment.get("PGCOPYDB_DIR"):
        return Path(given)
    state = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "lmtui"


@dataclass(frozen=True)
class WorkDirectory:
    """Paths below the directory of one migration."""

    root: Path

    @property
    def journal(self) -> Path:
        return self.root / "journal.jsonl"

    @property
    def reserve(self) -> Path:
        """Room for events where the disk is full."""
        return self.root / "journal.reserve"

    @property
    def samples(self) -> Path:
        return self.root / "samples.jsonl"

    @property
    def samples_before(self) -> Path:
        """The samples before those, of which only the latest are kept."""
        return self.root / "samples.old.jsonl"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def catalog(self) -> Path:
        """Catalog facts learned inside the snapshot."""
        return self.root / "catalog.json"

    @property
    def catch_up(self) -> Path:
        """The tables that catch up with replay behind a copy of their own."""
        return self.root / "catch_up.json"

    @property
    def programs(self) -> Path:
        """Programs as pgcopydb finds them."""
        return self.root / "programs"

    @property
    def foreign_keys(self) -> Path:
        """Foreign keys that are to be made once replay has passed all points."""
        return self.root / "foreign_keys.json"

    @property
    def files(self) -> Path:
        """In which files of the source the copied tables were."""
        return self.root / "files.json"

    @property
    def baselines(self) -> Path:
        """Schema fingerprints that a drift is told from."""
        return self.root / "baselines.json"

    @property
    def verified(self) -> Path:
        """What was compared ahead of the cutover."""
        return self.root / "verified.json"

    @property
    def refreshes(self) -> Path:
        """What of continuous aggregates is refreshed at the cutover."""
        return self.root / "refreshes.json"

    @property
    def going_back(self) -> Path:
        """Where both sides stood when the target was handed over."""
        return self.root / "going_back.json"

    @property
    def filters(self) -> Path:
        """What the initial copy leaves out, in pgcopydb's words."""
        return self.root / "filters.ini"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def pgcopydb(self) -> Path:
        return self.root / "pgcopydb"

    @property
    def report_markdown(self) -> Path:
        return self.root / "report.md"

    @property
    def report_html(self) -> Path:
        return self.root / "report.html"

    @property
    def report_json(self) -> Path:
        return self.root / "report.json"

    @property
    def control_socket(self) -> Path:
        """The control socket; in /tmp where the directory's path is too long for a socket."""
        path = self.root.absolute() / "control.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"lmtui-{os.getuid()}-{digest}.sock"

    @property
    def exists(self) -> bool:
        """Whether a migration was begun here: its journal has a first event."""
        return self.journal.exists() and self.journal.stat().st_size > 0

    def create(self) -> None:
        """Make the directory, readable by its owner only. Raises UsageError where it cannot be."""
        try:
            for path in (self.root, self.logs, self.spool):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise UsageError(
                f"The work directory {self.root} cannot be written",
                detail=f"{error.strerror}",
                hint="Give another one with --dir, or set PGCOPYDB_DIR.",
            ) from error

    def prune(self) -> None:
        """Remove what lmtui has here, and the directory itself where nothing else is in it."""
        files = (
            self.journal, self.reserve, self.samples, self.samples_before, self.ledger, self.plan,
            self.catalog, self.baselines, self.filters, self.verified, self.report_markdown,
            self.report_html, self.going_back, self.files, self.catch_up, self.foreign_keys,
            self.report_json, self.refreshes, self.control_socket, self.lock,
        )  # fmt: skip
        for directory in (self.logs, self.spool, self.pgcopydb, self.programs):
            shutil.rmtree(directory, ignore_errors=True)
        for path in files:
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.root.rmdir()

    def worker_alive(self) -> bool:
        """Whether a supervisor holds the lock. A pid would prove nothing: pids are used again."""
        try:
            with self.lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


class Lock:
    """The exclusive right to work on a migration, held as long as this process lives."""

    def __init__(self, directory: WorkDirectory) -> None:
        self._descriptor = os.open(directory.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._taken():
            if time.monotonic() > deadline:
                os.close(self._descriptor)
                raise AlreadyRunningError(
                    f"A migration already runs in {directory.root}",
                    hint="lmtui status shows it; lmtui opens it; lmtui stop stops it.",
                )
            time.sleep(0.005)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the right back."""
        os.close(self._descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` so that a reader, or a crash, sees the old or the new content, whole."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)


def cut_torn_tail(path: Path) -> None:
    """Cut what a crash left of a last line without its end."""
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            file.truncate(whole)
            os.fsync(file.fileno())
