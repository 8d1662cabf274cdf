"""A network that can be cut: what is sent into it is taken, and never arrives."""

import select
import socket
import threading
from types import TracebackType
from typing import Self

from lmtui.endpoint import Endpoint


class Network:
    """A TCP proxy to one server. While it is cut, connections stay open and nothing passes."""

    def __init__(self, endpoint: Endpoint) -> None:
        given = endpoint.parameters
        self._to = (given["host"], int(given["port"]))
        self._door = socket.create_server(("127.0.0.1", 0))
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._cut = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        port = str(self._door.getsockname()[1])
        self.endpoint = Endpoint(endpoint.side, {**given, "host": "127.0.0.1", "port": port})

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._cut.set()

    def mend(self) -> None:
        """Let everything pass again, for new connections; those that were cut stay dead."""
        self._pairs = {}
        self._cut.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        for one in (self._door, *self._all):
            one.close()

    _all: tuple[socket.socket, ...] = ()

    def _carry(self) -> None:
        while not self._ended.is_set():
            cut = self._cut.is_set()
            pairs = {} if cut else self._pairs
            ready, _, _ = select.select([self._door, *pairs], [], [], 0.02)
            for one in ready:
                if one is self._door:
                    accepted = self._door.accept()[0]
                    beyond = socket.create_connection(self._to)
                    self._all = (*self._all, accepted, beyond)
                    self._pairs |= {accepted: beyond, beyond: accepted}
                elif not self._cut.is_set():
                    self._pass_on(one, pairs)

    def _pass_on(self, one: socket.socket, pairs: dict[socket.socket, socket.socket]) -> None:
        other = pairs[one]
        try:
            data = one.recv(65536)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (one, other):
                pairs.pop(end, None)
                end.close()
