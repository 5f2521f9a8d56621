"""The control call `clock/share`: it turns a connection into one by which a process shares a clock."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from ...engine.namespace import Namespace
from ...errors import JobmockError
from ...service.service import Service
from ..control.access import Access
from ..control.fields import Problem, check_type, document, problem_of
from ..control.namespaces import namespace_of
from ..request_bodies import has_body
from ..wire_faults import transport_of
from .control_connection import ControlConnection
from .shared_time import SharedTime

PROTOCOL = "jobmock-clock"
_SWITCHING = f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {PROTOCOL}\r\n\r\n".encode()


class SharedTimeEndpoint:
    """The ASGI endpoint of `clock/share`."""

    call = "clock/share"

    def __init__(self, service: Service, shared_time: SharedTime, access: Access) -> None:
        self._service, self._shared_time, self._access = service, shared_time, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            namespace = self._namespace(scope)
        except (Problem, JobmockError) as error:
            refused = document(error if isinstance(error, Problem) else problem_of(error))
            return await refused(scope, receive, send)
        return self._switch(scope.get("jobmock.send", send), namespace)

    def _namespace(self, scope: Scope) -> Namespace:
        """Return the namespace whose clock a process will share. Raises Problem."""
        headers = Headers(scope=scope)
        self._access.check(self.call, headers)
        if scope["method"] != "GET":
            raise Problem(405, f"{self.call!r} has GET only, not {scope['method']}.", headers={"allow": "GET"})
        check_type(headers, b"a body" if has_body(scope) else b"")
        if headers.get("upgrade", "").lower() != PROTOCOL or has_body(scope):
            needed = f"Send 'Connection: Upgrade' and 'Upgrade: {PROTOCOL}', and no body"
            raise Problem(426, f"{self.call!r} needs another protocol. {needed}.", headers={"upgrade": PROTOCOL})
        namespace = namespace_of(self._service, headers.get("authorization"))
        if namespace is None:
            raise Problem(400, "A clock belongs to a key: send one of the run, as a bearer token.")
        return namespace

    def _switch(self, send: Send, namespace: Namespace) -> None:
        """Give the connection to the other protocol. For uvicorn its client has left, so it expects no answer."""
        transport: Any = transport_of(send)
        http = transport.get_protocol()
        send.__self__.disconnected = True  # type: ignore[attr-defined]
        transport.write(_SWITCHING)
        transport.set_protocol(ControlConnection(transport, http, self._service, self._shared_time, namespace))
        transport.resume_reading()
