"""The control calls `clock/join` and `clock/wait`, answered without Starlette: a client waits once for each poll."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sized
from typing import Any, TypeVar

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from ...engine.namespace import Namespace
from ...errors import JobmockError, short_repr
from ...service.service import Service
from ..control.access import Access
from ..control.fields import Body, Problem, as_object, check_length, check_type, document, fields, problem_of
from ..control.namespaces import namespace_of
from ..request_bodies import read_body, refuse_rest
from ..whole_answers import send_answer
from ..wire_faults import transport_of
from .group import Group
from .process import Process, Wait
from .shared_time import SharedTime

Values = TypeVar("Values", bound=Sized)
_NOTHING: Mapping[str, Any] = {}
_NONE = type(None)
_JOIN = {"process": (str,), "name": (str,)}
_JOIN_MORE = {
    "pid": (int, _NONE), "port": (int, _NONE), "control": (int, _NONE), "now": (int, _NONE), "keys": (list, _NONE),
}  # fmt: skip
_WAIT = {"process": (str,), "until": (int, _NONE), "sent": (dict,)}
_WAIT_MORE = {"read": (dict, _NONE), "closed": (list, _NONE)}
_MAX_TEXT = 1_000
_MAX_READING = 1 << 62
_MOST = 1_000
"""So many processes share a clock at most, and so many connections or keys are in one call."""


class SharedTimeCalls:
    """The ASGI endpoint of the control calls of processes that share a clock. `calls` are their names."""

    calls = ("clock/join", "clock/wait")

    def __init__(self, service: Service, shared_time: SharedTime, access: Access) -> None:
        self._service, self._shared_time, self._access = service, shared_time, access
        self._handlers: Mapping[str, Callable[[Namespace, Body, Any], Awaitable[Any]]] = dict(
            zip(self.calls, (self._join, self._wait), strict=True)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = await read_body(receive)
        if read is None:
            return None
        raw, more = read
        try:
            answer = await self._handle(scope, raw, transport_of(scope.get("jobmock.send", send)))
        except (Problem, JobmockError) as error:
            refused = document(error if isinstance(error, Problem) else problem_of(error))
            if not more:
                return await refused(scope, receive, send)
            headers = tuple(refused.raw_headers)
            return await refuse_rest(refused.status_code, headers, bytes(refused.body), receive, send)
        if answer is None:
            return None
        body = orjson.dumps(answer)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        return await send_answer(send, 200, head, body)

    async def _handle(self, scope: Scope, raw: bytes, transport: Any) -> Any:
        """Return the answer of a call; None if its process is gone, or the server ends."""
        check_length(raw)
        name, headers = "/".join(scope["path"].rsplit("/", 2)[1:]), Headers(scope=scope)
        self._access.check(name, headers)
        if scope["method"] != "POST":
            raise Problem(405, f"{name!r} has POST only, not {scope['method']}.", headers={"allow": "POST"})
        check_type(headers, raw)
        namespace = namespace_of(self._service, headers.get("authorization"))
        if namespace is None:
            raise Problem(400, "A clock belongs to a key: send one of the run, as a bearer token.")
        if namespace.clock.mode != "manual":
            allowed = "Processes share a manual one: start the server with --time manual"
            raise Problem(409, f"The clock of this key is {namespace.clock.mode}. {allowed}, or set it by PUT clock.")
        return await self._handlers[name](namespace, as_object(raw), transport)

    async def _join(self, namespace: Namespace, body: Body, transport: Any) -> Any:
        given = fields(body, _JOIN, _JOIN_MORE)
        for name in ("process", "name"):
            if not 0 < len(given[name]) <= _MAX_TEXT:
                raise Problem(400, f"{name!r} is a text of 1 to {_MAX_TEXT} characters.")
        port = None if given.get("port") is None else _port("port", given["port"])
        now = _reading("now", given.get("now")) or 0
        for key in _short("keys", given.get("keys") or ()):
            self._share(namespace, key)
        group = self._shared_time.group(namespace.clock)
        if len(group.processes) >= _MOST and group.find(given["process"]) is None:
            raise Problem(409, f"{_MOST} processes share this clock already.")
        process = group.join(Process(given["process"], given["name"], given.get("pid")), now)
        _keep(process, transport)
        peer = transport.get_extra_info("peername")
        process.is_translated = given.get("control") is not None and given["control"] != peer[1]
        if port is not None:
            group.expect(process, port)
        others = [one.pid for one in group.processes if one is not process]
        return {"start": str(group.clock.started), "now": group.clock.elapsed, "others": others}

    def _share(self, namespace: Namespace, key: Any) -> None:
        """Give another key the clock of this one."""
        if not isinstance(key, str):
            raise Problem(400, f"'keys' has {short_repr(key)}. Allowed: texts, such as the key of the other API.")
        other = namespace_of(self._service, f"Bearer {key}")
        if other is not None:
            other.clock = namespace.clock

    async def _wait(self, namespace: Namespace, body: Body, transport: Any) -> Any:
        given = fields(body, _WAIT, _WAIT_MORE)
        group: Group = self._shared_time.group(namespace.clock)
        process = group.find(given["process"])
        if process is None:
            raise Problem(409, f"The process {short_repr(given['process'])} hasn't joined. Call clock/join first.")
        sent, read = _counts("sent", given["sent"]), _counts("read", given.get("read") or _NOTHING)
        until, closed = _reading("until", given["until"]), _short("closed", given.get("closed") or ())
        _keep(process, transport)
        group.claim(process, (*sent, *(_port("closed", one) for one in closed)))
        wait = Wait(until, sent, read, asyncio.get_running_loop().create_future())
        group.wait(process, wait)
        outcome = await wait.answer
        return None if outcome is None else outcome._asdict()


def _keep(process: Process, transport: Any) -> None:
    """Note the control connection of a process, which stays open while the process is idle or at work."""
    process.control = transport
    transport.get_protocol().timeout_keep_alive = 1e9


def _short(name: str, values: Values) -> Values:
    """Return a list or an object that isn't too long. Raises Problem."""
    if len(values) > _MOST:
        raise Problem(400, f"{name!r} has {len(values)} entries. Allowed: {_MOST} at most.")
    return values


def _port(name: str, value: Any) -> int:
    """Return a port. Raises Problem."""
    if type(value) is not int or not 0 < value < 65_536:
        raise Problem(400, f"{name!r} has {short_repr(value)}. Allowed: ports, from 1 to 65535.")
    return value


def _reading(name: str, value: int | None) -> int | None:
    """Return a reading of the clock, or None. Raises Problem."""
    if value is not None and not 0 <= value <= _MAX_READING:
        raise Problem(400, f"{name!r} is {value}. Allowed: nanoseconds since the clock's start, or null.")
    return value


def _counts(name: str, counts: Mapping[str, Any]) -> dict[int, int | None]:
    """Return numbers of bytes by port. Raises Problem."""
    for port, count in _short(name, counts).items():
        if not (len(port) <= 5 and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
            raise Problem(400, f"{name!r} has {short_repr(port)}. Allowed: ports as texts, such as \"51234\".")
        if count is not None and (type(count) is not int or count < 0):
            raise Problem(400, f"{name!r} has {short_repr(count)}. Allowed: numbers of bytes, or null.")
    return {int(port): count for port, count in counts.items()}
