"""Virtual time of a command's processes: what ends the run."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from ..clock import Clock
from ..linux_processes import command_line, process_of_connection
from ..models import Reply, Request
from ..preloads.python_path import option_without_preload
from ..redaction import redact
from ..server.app import App
from ..server.shared_time.owner import Owner
from ..service.service import Service
from .time_limits import Stop

_MOST_NAMES = 20
"""So many connections are looked up before they are claimed: that takes some milliseconds for each."""
STANDSTILL_SECONDS, STANDSTILL_REQUESTS = 20.0, 1_000
"""A client that sends more requests than this while the clock stands, and for so many real seconds, is ended."""
STALLED = "waits without end"
_STALLED = Stop(
    STALLED, 1,
    "The client waits without a time limit, and nothing is due any more: either an answer never comes, or the client"
    " doesn't read one to its end. It was ended.",
)  # fmt: skip


def own_processes(
    app: App, service: Service, clock: Clock, port: int, stop: Callable[[Stop], None], may_move: Callable[[], bool]
) -> None:  # fmt: skip
    """Call `stop` if a process outside virtual time sends a request, or if no process can go on.

    `may_move` returns whether the clock may move once all processes wait.
    """

    group, names = app.shared_time.group(clock), dict[int, str | None]()

    def note_name(request: Request, reply: Reply) -> None:
        """Note who sends a request that nobody has claimed, because its process may have ended when it is named."""
        if isinstance(request.connection, tuple) and len(names) < _MOST_NAMES:
            client_port = request.connection[1]
            if client_port not in names and not any(client_port in process.ports for process in group.processes):
                names[client_port] = _name(client_port, port)

    def on_stranger(client_port: int, agent: str | None) -> None:
        by_agent = f"A client with the User-Agent {agent!r}" if agent else "A client without a User-Agent"
        who = names.get(client_port) or _name(client_port, port) or by_agent
        stop(Stop("not in virtual time", 3, f"{who} sends requests, but {_reason(who)} Or use --time scaled."))

    service.watchers += [note_name, _Standstill(clock, stop).note_request]
    group.owner = Owner(on_stranger, lambda: stop(_STALLED), may_move)


class _Standstill:
    """Ends a client that sends requests without a pause: the clock never moves then, so no other limit is reached."""

    def __init__(self, clock: Clock, stop: Callable[[Stop], None]) -> None:
        self._clock, self._stop = clock, stop
        self._reading, self._since, self._requests = -1, 0.0, 0

    def note_request(self, request: Request, reply: Reply) -> None:
        """Count a request. Called in the server's thread."""
        if (reading := self._clock.now()) != self._reading:
            self._reading, self._since, self._requests = reading, monotonic(), 0
        self._requests += 1
        if self._requests > STANDSTILL_REQUESTS and monotonic() - self._since > STANDSTILL_SECONDS:
            text = f"The client sent {self._requests} requests without any pause in {STANDSTILL_SECONDS:g} real seconds"
            self._stop(Stop("no pause", 1, f"{text}, and was ended."))


def _reason(who: str) -> str:
    """Return in words why a process isn't in virtual time, and what to do, if its command shows that."""
    if option := option_without_preload(who):
        return f"Python under {option} doesn't load what brings it into virtual time: leave {option} out."
    return "virtual time reaches only Node and CPython."


def _name(client_port: int, port: int) -> str | None:
    """Return the process at the client's end of a connection in words; None if it isn't known."""
    pid = process_of_connection(client_port, port)
    return None if pid is None else f"Process {pid} ({redact(command_line(pid))})"
