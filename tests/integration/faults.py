"""What can go wrong while a migration replays, each as one call."""

import os
import signal
from collections.abc import Callable, Mapping

from command_line import CommandLine, one, soon
from conftest import Servers

from lmtui.endpoint import Endpoint
from lmtui.phases import Status

Fault = Callable[[CommandLine, Servers], None]


def kill_receiver(shop: CommandLine, _servers: Servers) -> None:
    """The receiver, in whatever it does."""
    os.kill(child(shop, "lmtui.replay.receiver"), signal.SIGKILL)


def kill_applier(shop: CommandLine, _servers: Servers) -> None:
    """The applier, in whatever it does."""
    os.kill(child(shop, "lmtui.replay.applier"), signal.SIGKILL)


def end_walsender(shop: CommandLine, _servers: Servers) -> None:
    """The source's end of the stream, as an administrator or a failing network would."""
    one(shop.source, f"select pg_terminate_backend({_backend(shop.source, 'lmtui receiver')})")


def kill_walsender(shop: CommandLine, _servers: Servers) -> None:
    """The same by force, which makes the source recover as after a crash."""
    os.kill(_backend(shop.source, "lmtui receiver"), signal.SIGKILL)


def end_backend(shop: CommandLine, _servers: Servers) -> None:
    """The target's end of the applier's session."""
    one(shop.target, f"select pg_terminate_backend({_backend(shop.target, 'lmtui applier')})")


def kill_backend(shop: CommandLine, _servers: Servers) -> None:
    """The same by force, which makes the target recover as after a crash."""
    os.kill(_backend(shop.target, "lmtui applier"), signal.SIGKILL)


def restart_target(_shop: CommandLine, servers: Servers) -> None:
    """The target's server, at once."""
    servers.target.restart()


def restart_source(_shop: CommandLine, servers: Servers) -> None:
    """The source's server, at once."""
    servers.source.restart()


def kill_supervisor(shop: CommandLine, _servers: Servers) -> None:
    """The supervisor; what goes on from there is the operator's one command."""
    shop.kill_supervisor()
    if shop.state().status is not Status.DONE:
        shop("resume", "--detach")


def leave_children_behind(shop: CommandLine, _servers: Servers) -> None:
    """A supervisor whose children do not notice: they must be gone before others take over."""
    modules = ("lmtui.replay.receiver", "lmtui.replay.applier")
    left = {child(shop, module) for module in modules}
    for pid in left:
        os.kill(pid, signal.SIGSTOP)
    kill_supervisor(shop, _servers)
    soon(lambda: left.isdisjoint(pid for module in modules for pid in shop.children(module)))


def child(shop: CommandLine, module: str) -> int:
    """The receiver's or applier's process id, once there is one."""
    return int(soon(lambda: next(iter(shop.children(module)), 0)))


def _backend(endpoint: Endpoint, application: str) -> int:
    query = (
        "select coalesce(max(pid), 0) from pg_stat_activity where datname = current_database()"
        f" and application_name like '{application}%'"
    )
    return int(soon(lambda: one(endpoint, query)))


FAULTS: Mapping[str, Fault] = {
    function.__name__: function
    for function in (
        kill_receiver, kill_applier, end_walsender, end_backend, kill_supervisor,
        leave_children_behind, kill_backend, restart_target, kill_walsender, restart_source,
    )
}  # fmt: skip
