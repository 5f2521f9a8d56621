"""The clocks that processes share, at one application, or at several with the same clocks."""

from __future__ import annotations

from typing import Any

from ...clock import Clock
from ...models import Reply, Request
from ...service.service import Service
from ..held_answers import HeldAnswers
from .connections import Connections
from .group import Group


class SharedTime:
    """The groups of processes, each with its clock."""

    def __init__(self) -> None:
        self._services: list[Service] = []
        self._held_answers: list[HeldAnswers] = []
        self.connections = Connections()
        self._groups: dict[Clock, Group] = {}
        self.control_connections: set[Any] = set()
        """The open connections by which processes share a clock."""

    def add(self, service: Service, held_answers: HeldAnswers) -> None:
        """Add an application's service, and its held answers."""
        self._services.append(service)
        self._held_answers.append(held_answers)
        if self._groups:
            service.watchers.append(self._note_request)

    def group(self, clock: Clock) -> Group:
        """Return the group that shares a clock. Groups without processes are removed unless they have an owner."""
        group = self._groups.get(clock)
        if group is None:
            for one in [one for one in self._groups.values() if one.owner is None and not one.processes]:
                one.close()
                del self._groups[one.clock]
            group = self._groups[clock] = Group(clock, self.connections, self._is_busy)
            for service in self._services:
                if self._note_request not in service.watchers:
                    service.watchers.append(self._note_request)
        return group

    @property
    def has_processes(self) -> bool:
        """Whether any clock has processes."""
        return any(group.processes for group in self._groups.values())

    def end(self) -> None:
        """End all waits: the server ends."""
        for group in self._groups.values():
            group.end()
        for connection in tuple(self.control_connections):
            connection.abort()

    def remove_gone(self) -> None:
        """Remove the processes whose control connection is closed."""
        for group in self._groups.values():
            group.remove_gone()

    def _is_busy(self) -> bool:
        """Return whether a request or a control call is being answered."""
        return any(one.busy or one.control_calls for one in self._held_answers)

    def _note_request(self, request: Request, reply: Reply) -> None:
        """Note which connection a request came on. Before a clock is shared, requests aren't watched."""
        group, connection = self._groups.get(reply.clock), request.connection  # type: ignore[call-overload]
        if group is not None and isinstance(connection, tuple):
            group.note_request(connection[1], request)
