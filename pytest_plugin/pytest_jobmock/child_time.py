"""The child processes of a test in virtual time: how they share its clock with its threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from jobmock.errors import NeverAnswered
from jobmock.linux_processes import ancestors, command_line, process_of_connection
from jobmock.redaction import redact
from jobmock.virtual import Scheduler, fail_for, start_driving_thread
from jobmock.virtual.waiter import ANY_CHILD, OTHER_WORK

if TYPE_CHECKING:
    from jobmock.clock import Clock
    from jobmock.server.listeners import Host
    from jobmock.server.shared_time.shared_time import SharedTime

_MOST_NAMES = 20
"""So many connections are looked up before they are claimed: that takes some milliseconds for each."""


class Children:
    """The child processes that take part in a test's virtual time. `pids` returns their numbers, None if not known."""

    def __init__(self, scheduler: Scheduler, pids: Callable[[], Iterable[int | None]]) -> None:
        self._pids, self._families = pids, dict[int | None, frozenset[int]]()
        scheduler.external.takes_part = self._takes_part
        start_driving_thread(scheduler)

    def _takes_part(self, work: int) -> bool:
        """Return whether a child or one of its descendants takes part. One of unknown descent counts for each child."""
        if work == OTHER_WORK:
            return False
        families = map(self._family, self._pids())
        return any(work == ANY_CHILD or not family or work in family for family in families)

    def _family(self, pid: int | None) -> frozenset[int]:
        """Return a process and its ancestors; nothing if they aren't known, as on another machine."""
        if pid not in self._families:
            found = () if pid is None else ancestors(pid)
            self._families[pid] = frozenset(found if os.getpid() in found else ())
        return self._families[pid]


class LocalChildren(Children):
    """The child processes on the clock of the mocks in this process."""

    def __init__(
        self, scheduler: Scheduler, host: Host, shared_time: SharedTime, clock: Clock, ports: Collection[int]
    ) -> None:  # fmt: skip
        from jobmock.server.shared_time.own_process import OwnProcess
        from jobmock.server.shared_time.owner import Owner

        self._scheduler, self._ports = scheduler, ports
        self._names: dict[int, str] = {}
        self._group = shared_time.group(clock)
        self._group.owner = Owner(self._on_stranger, self._on_stalled)
        self._own = OwnProcess(self._group, "pytest", host)
        scheduler.mover = self._own
        scheduler.external.servers.in_flight.on_connection = self._own.claim
        super().__init__(scheduler, lambda: [process.pid for process in self._own.others])

    def end(self) -> None:
        """Share the clock no more."""
        self._group.owner = None
        self._own.leave()

    def note_request(self, connection: object) -> None:
        """Note who sends a request that nobody has claimed, because its process may have ended when it is named."""
        if not isinstance(connection, tuple):
            return
        port = connection[1]
        if port in self._names or len(self._names) >= _MOST_NAMES or self._is_claimed(port):
            return
        found = (process_of_connection(port, server_port) for server_port in tuple(self._ports))
        pid = next(filter(None, found), None)
        if pid == os.getpid():
            self._own.claim_now(port)
        elif pid is not None:
            self._names[port] = f"Process {pid} ({redact(command_line(pid))})"

    def _is_claimed(self, port: int) -> bool:
        return any(port in process.ports for process in self._group.processes)

    def _on_stranger(self, port: int, agent: str | None) -> None:
        by_agent = f"A process with the User-Agent {agent!r} and" if agent else "A process"
        fail_for(self._scheduler, self._names.get(port, by_agent))

    def _on_stalled(self) -> None:
        """End the test, as no answer can come any more."""
        waits = any(one.awaits_mock for one in self._scheduler.participants)
        names = [f"Process {process.pid} ({process.name})" for process in self._own.others if not waits]
        text = (
            "waits without a time limit, and nothing is due any more: an answer never comes, or isn't read to its end."
            " Give it a read timeout, and let it read each body."
        )
        self._scheduler.fail(NeverAnswered(f"{' and '.join(names) or 'The client'} {text}"))
