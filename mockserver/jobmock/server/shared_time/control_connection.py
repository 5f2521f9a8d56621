"""The connection by which one process shares a clock: a line of JSON for each call, and one for each answer.

A client waits once for each poll, so a wait is read and answered without a request of HTTP and without a task.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import orjson

from ...engine.namespace import Namespace
from ...errors import JobmockError, hint, short_repr
from ...service.service import Service
from ..control.fields import Body, Problem, as_object, check_length, document, fields, problem_of
from ..control.namespaces import namespace_of
from .call_fields import CALLS, byte_counts, check_text, limited, port_number, reading
from .group import Group
from .process import Outcome, Process, Wait
from .shared_time import SharedTime

_MOST = 1_000
"""So many processes share a clock at most."""
_numbers = count(1)
_NOTHING: dict[str, Any] = {}


class ControlConnection(asyncio.Protocol):
    """The server's end. The process takes part from its first `join` on, until the connection is closed."""

    def __init__(
        self, transport: Any, http: asyncio.Protocol, service: Service, shared_time: SharedTime, namespace: Namespace
    ) -> None:
        """`http` is the protocol that the connection had before. It still counts as that of an open connection."""
        self._transport, self._http, self._service, self._shared_time = transport, http, service, shared_time
        self._namespace, self._rest = namespace, b""
        self._group: Group | None = None
        self._process: Process | None = None
        self._calls = {"join": self._join, "claim": self._claim, "wait": self._wait, "withdraw": self._withdraw}
        shared_time.control_connections.add(self)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        try:
            for line in lines:
                self._take(as_object(line))
            check_length(self._rest)
        except (Problem, JobmockError) as error:
            problem = document(error if isinstance(error, Problem) else problem_of(error))
            self._transport.write(bytes(problem.body))
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._shared_time.control_connections.discard(self)
        self._http.connection_lost(error)
        if self._group is not None:
            self._group.remove_gone()

    def abort(self) -> None:
        """Close the connection without an answer."""
        self._transport.abort()

    def _take(self, body: Body) -> None:
        """Make a call. Raises Problem."""
        name = body.get("call")
        call = self._calls.get(name) if isinstance(name, str) else None
        if call is None or name is None:
            raise Problem(400, f"'call' is {short_repr(name)}. Allowed: {', '.join(CALLS)}.{hint(str(name), CALLS)}")
        call(fields(body, *CALLS[name]))

    def _join(self, body: Body) -> None:
        check_text("name", body["name"])
        port = None if body.get("port") is None else port_number("port", body["port"])
        now = reading("now", body.get("now")) or 0
        clock = self._namespace.clock
        if clock.mode != "manual":
            allowed = "Processes share a manual one: start the server with --time manual"
            raise Problem(409, f"The clock of this key is {clock.mode}. {allowed}, or set it by PUT clock.")
        for key in limited("keys", body.get("keys") or ()):
            self._share(key)
        group = self._group = self._shared_time.group(clock)
        if self._process is None:
            if len(group.processes) >= _MOST:
                raise Problem(409, f"{_MOST} processes share this clock already.")
            self._process = Process(f"{next(_numbers)}", body["name"], body.get("pid"), self._transport)
        process = self._process
        group.join(process, now)
        control = body.get("control")
        process.is_translated = control is not None and control != self._transport.get_extra_info("peername")[1]
        if port is not None:
            group.expect(process, port)
        others = [one.pid for one in group.processes if one is not process]
        self._answer({"start": str(group.clock.started), "now": group.clock.elapsed, "others": others})

    def _share(self, key: Any) -> None:
        """Give another key the clock of this one."""
        if not isinstance(key, str):
            raise Problem(400, f"'keys' has {short_repr(key)}. Allowed: texts, such as the key of the other API.")
        other = namespace_of(self._service, f"Bearer {key}")
        if other is not None:
            other.clock = self._namespace.clock

    def _claim(self, body: Body) -> None:
        group, process = self._joined()
        group.withdraw(process)
        group.expect(process, port_number("port", body["port"]))

    def _wait(self, body: Body) -> None:
        group, process = self._joined()
        sent, read = byte_counts("sent", body["sent"]), byte_counts("read", body.get("read") or _NOTHING)
        until, closed = reading("until", body["until"]), limited("closed", body.get("closed") or ())
        group.claim(process, sent)
        group.claim(process, [port_number("closed", port) for port in closed])
        group.wait(process, Wait(until, sent, read, self._end_wait))

    def _withdraw(self, body: Body) -> None:
        group, process = self._joined()
        group.withdraw(process)

    def _joined(self) -> tuple[Group, Process]:
        """Return the process with its group. Raises Problem if it hasn't joined, or the clock isn't shared any more."""
        if self._group is None or self._process is None or self._group.clock is not self._namespace.clock:
            raise Problem(409, "The process hasn't joined. Call join first.")
        return self._group, self._process

    def _end_wait(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self._answer(outcome._asdict())

    def _answer(self, answer: dict[str, Any]) -> None:
        if not self._transport.is_closing():
            self._transport.write(orjson.dumps(answer) + b"\n")
