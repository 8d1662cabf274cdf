"""The writer of the demonstration: a process that loads the source and counts what it wrote."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lmtui.database import connect
from lmtui.demo.load import COMMITTED, USUAL_RATE, Account, Load
from lmtui.endpoint import Endpoint
from lmtui.errors import LmtuiError

_VARIABLE = "LMTUI_DEMO_APPLICATION_URI"
_START_SECONDS = 30.0
_END_SECONDS = 20.0


@dataclass(frozen=True)
class Tally:
    """What the writer says that there must be.

    `expected` maps "schema.table" to its rows; a partitioned table's and a hypertable's are under
    its own name. `ended` is "stopped", or begins with "fenced: " or "failed: ".
    """

    expected: dict[str, int]
    ended: str
    transactions: int


class Writer:
    """A writer under way, in a process of its own."""

    def __init__(self, source: Endpoint, process: subprocess.Popen[bytes], directory: Path) -> None:
        self._source = source
        self._process = process
        self._account = _account_path(directory)
        self._log = _log_path(directory)

    @classmethod
    def start(
        cls,
        application: Endpoint,
        directory: Path,
        *,
        source: Endpoint,
        rate: float = USUAL_RATE,
    ) -> "Writer":
        """Start to write as `application`, at `rate` rows per second; return once it writes.

        Its count is kept in `directory`. `source` is the superuser's way in, for the one question
        that may be open after a fence: whether the last COMMIT was done. Raises LmtuiError where
        the writer does not start.
        """
        _account_path(directory).unlink(missing_ok=True)
        with _log_path(directory).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "lmtui.demo.writer", "--rate", str(rate), str(directory)],
                env={**os.environ, _VARIABLE: application.uri(application_name="shop")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C is for the one who started it, who then stops it in order.
                start_new_session=True,
            )
        writer = cls(source, process, directory)
        deadline = time.monotonic() + _START_SECONDS
        while not writer._account.exists():
            if not writer.running or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise LmtuiError("The writer did not start", detail=writer._last_words())
            time.sleep(0.02)
        return writer

    @property
    def running(self) -> bool:
        """Whether it still writes."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Let it end after its transaction; at once where it takes over 20 seconds."""
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def tally(self) -> Tally:
        """Return what it committed, once it has ended (a fenced writer needs some seconds).

        Raises LmtuiError where it still writes after 20 seconds, or died without a last count.
        """
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            raise LmtuiError(
                "The writer still writes, so its count is not final",
                hint="Stop it first; only a fence ends it by itself.",
            ) from None
        account = msgspec.json.decode(self._account.read_bytes(), type=Account)
        if not account.ended:
            raise LmtuiError("The writer died without a last count", detail=self._last_words())
        changes = Counter(account.changes)
        transactions = account.transactions
        if account.doubt is not None and self._was_committed(account.doubt.transaction_id):
            changes.update(account.doubt.changes)
            transactions += 1
        return Tally(
            expected={table: rows + changes[table] for table, rows in account.start.items()},
            ended=account.ended,
            transactions=transactions,
        )

    def _was_committed(self, transaction_id: int) -> bool:
        with connect(self._source, read_only=True) as connection:
            row = connection.execute(COMMITTED, (transaction_id,)).fetchone()
        return bool(row and row[0])

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", errors="replace").strip().splitlines()
        return "\n".join(lines[-5:])


def _account_path(directory: Path) -> Path:
    return directory / "writer.json"


def _log_path(directory: Path) -> Path:
    return directory / "writer.log"


def main() -> int:
    """Write until stopped or fenced; exit 0 where it ended in order."""
    parser = argparse.ArgumentParser(prog="python -m lmtui.demo.writer")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    load = Load(os.environ.pop(_VARIABLE), arguments.rate, _account_path(arguments.directory))

    def stop(*_: object) -> None:
        load.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ended = load.run()
    sys.stderr.write(f"{ended}\n")
    return 1 if ended.startswith("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
