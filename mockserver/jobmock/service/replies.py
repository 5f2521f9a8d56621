"""Makes a reply of an answer: bytes and headers, the entry in the journal, and the fault."""

from __future__ import annotations

import logging
from functools import partial

from ..clock import SECOND, Clock
from ..dialect.answers import Answer
from ..dialect.api import RequestContext
from ..engine import faults
from ..engine.headers import Headers, bearer, merged, usual
from ..engine.journal import Journal
from ..engine.namespace import Namespaces
from ..fast_construction import tuple_maker
from ..models import Fault, Reply
from .journal_entries import note
from .request_head import RequestHead
from .serializer import Serializer

_requests = logging.getLogger("jobmock.requests")
_INFO = logging.INFO
_BODILESS = (204, 304)


def _unread() -> None:
    """Do nothing: an answer that is sent at once can't be lost."""


_reply = tuple_maker(Reply)


class Replies:
    """Makes the replies of one service."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces, self._rendering = namespaces, Serializer()

    def of(self, call: RequestContext, head: RequestHead, answer: Answer) -> Reply:
        """Return the reply of an answer, and add it to the journal."""
        status, content, own, _ = answer
        body = self._rendering.bytes_of(content)
        namespace, fault = call.namespace, call.fault
        clock, journal = (namespace.clock, namespace.journal) if namespace is not None else self._outside(call)
        if fault is not None and fault.corrupt and not fault.on_the_wire:
            status, own, body = _corrupted(fault.corrupt, status, own, body)
        record = note(journal, call, head, answer, status)
        if _requests.isEnabledFor(_INFO):
            _requests.info("%s %s -> %d", *head.shown[2:4], status)
        bodiless = status in _BODILESS
        headers = usual(None if bodiless else len(body), call.now // SECOND)
        if own:
            headers = merged(own, headers)
        if bodiless:
            body = b""
        if fault is None:
            return _reply((status, headers, body, clock, 0, None, _unread))
        return _befallen(fault, Reply(status, headers, body, clock, call.due, None, partial(journal.lose, record)))

    def _outside(self, call: RequestContext) -> tuple[Clock, Journal]:
        """Return clock and journal of a request that was refused before its key was checked, such as for a wrong path.

        They belong to the key's namespace where that is open.
        """
        token = bearer(call.request.header(b"authorization"))
        namespace = self._namespaces.peek(token) if token else None
        clock = (namespace or self._namespaces).clock
        call.now = clock.now()
        return clock, namespace.journal if namespace else self._namespaces.outside


def _corrupted(how: str, status: int, own: Headers, body: bytes) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a corrupted answer."""
    body, kind = faults.corrupted(body, how)
    return 200 if how == "empty_body" else status, (*own, (b"content-type", kind)) if kind else own, body


def _befallen(fault: Fault, reply: Reply) -> Reply:
    """Attach a fault that is played on the connection, and report the answer as lost where no client can read it."""
    if fault.spoils:
        reply.lost()
    return reply._replace(fault=fault) if fault.on_the_wire else reply
