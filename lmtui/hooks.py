"""The operator's own command, run by the supervisor when something is worth hearing of.

It works with nobody attached. What it does is the operator's; it can hold nothing up.
"""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from lmtui import events as e
from lmtui.phases import Status

HOOK_SECONDS = 60.0

CAUGHT_UP = "caught-up"
STALLED = "stalled"
FAILED = "failed"
NOT_PROVEN = "not-proven"
DONE = "done"


def occasion(event: e.AnyEvent) -> tuple[str, str]:
    """What an event is to a hook, and in which words; both empty where it is nothing."""
    match event:
        case e.CaughtUp():
            return CAUGHT_UP, "The target has caught up with the source"
        case e.StatusChanged(status=Status.FAILED, problem=problem):
            return FAILED, problem.title if problem else "The migration failed"
        case e.CutoverGivenBack(reasons=reasons):
            return NOT_PROVEN, f"The cutover went back to replay: {'; '.join(reasons)}"
        case e.Completed(proven=proven):
            return DONE, "Complete and proven" if proven else "Complete, but not proven"
        case _:
            return "", ""


class Hook:
    """Runs a command with LMTUI_EVENT, LMTUI_MESSAGE and LMTUI_DIR in its environment.

    Its output goes to logs/hook.log. A command that cannot be started, fails, or takes longer than
    a minute leaves a line there and nothing else.
    """

    def __init__(self, command: Sequence[str], directory: Path) -> None:
        self._command = tuple(command)
        self._directory = directory
        self._stalled = False

    def hear(self, event: e.AnyEvent) -> None:
        """Take an event that was written."""
        name, words = occasion(event)
        if name:
            self.call(name, words)

    def judge(self, verdict: str, why: str) -> None:
        """Take replay's verdict; only the change to stalled is told."""
        stalled = verdict == STALLED
        if stalled and not self._stalled:
            self.call(STALLED, why)
        self._stalled = stalled

    def call(self, name: str, words: str) -> threading.Thread | None:
        """Run the command beside the migration; None where there is none."""
        if not self._command:
            return None
        environment = {
            **clean_environment(os.environ),
            "LMTUI_EVENT": name,
            "LMTUI_MESSAGE": words,
            "LMTUI_DIR": str(self._directory),
        }
        # Not a daemon: what is said at the very end is still said.
        thread = threading.Thread(target=self._run, args=(environment,), name=f"hook {name}")
        thread.start()
        return thread

    def _run(self, environment: Mapping[str, str]) -> None:
        log = self._directory / "logs" / "hook.log"
        with log.open("ab") as output:
            try:
                done = subprocess.run(  # noqa: S603
                    self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    env=environment, timeout=HOOK_SECONDS, check=False,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                output.write(f"{environment['LMTUI_EVENT']}: {error}\n".encode())
            else:
                line = f"{environment['LMTUI_EVENT']}: exit code {done.returncode}\n"
                output.write(line.encode())


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without the connection strings: they may hold passwords."""
    return {name: value for name, value in environment.items() if not name.endswith("_PGURI")}
