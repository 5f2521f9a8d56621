"""Makes a reply of an answer: bytes and headers, the entry in the journal, and the fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from ..clock import SECOND, Clock
from ..dialect.answers import Answer
from ..dialect.request_context import RequestContext
from ..engine import faults
from ..engine.body_changes import changed_body
from ..engine.headers import STATUSES_WITHOUT_BODY, Headers, default_headers, merged
from ..engine.journal import Journal
from ..engine.namespace import Namespace, Namespaces
from ..fast_construction import tuple_maker
from ..models import Change, Fault, Reply, Request
from .journal_entries import add_entry
from .request_counts import RequestCounts
from .request_head import RequestHead
from .serializer import Serializer


def _not_lost() -> None:
    """Do nothing: an answer that is sent at once can't be lost."""


_reply = tuple_maker(Reply)


class LongReply(NamedTuple):
    """An answer that takes long to make: run `slices`; then `finish` returns the reply."""

    slices: Iterator[None]
    finish: Callable[[], Reply]

    def at_once(self) -> Reply:
        """Return the reply, without a pause."""
        for _ in self.slices:
            pass
        return self.finish()


class Replies:
    """Makes the replies of one service."""

    def __init__(
        self, namespaces: Namespaces, namespace_of: Callable[[Request], Namespace | None], counts: RequestCounts
    ) -> None:
        self._namespaces, self._namespace_of, self._counts = namespaces, namespace_of, counts
        self._serializer = Serializer(namespaces.answers)

    def of(self, call: RequestContext, head: RequestHead, answer: Answer, *, at_once: bool = False) -> Reply:
        """Return the reply of an answer, and add it to the journal. Raises LongAnswer, unless `at_once`."""
        status, content, own, _, _ = answer
        body = self._serializer.bytes_of(content, at_once)
        bare = not body
        namespace, fault = call.namespace, call.fault
        outside = namespace is None
        clock, journal = self._without_namespace(call) if outside else (namespace.clock, namespace.journal)
        if fault is not None and fault.corrupt and not fault.on_the_wire:
            status, own, body = _corrupted(fault.corrupt, status, own, body)
        if fault is not None and fault.change:
            status, own, body = _changed(fault.change, status, own, body)
        record = add_entry(journal, clock.real(), call, head, answer, status)
        head.counts[status] += 1
        has_no_body = status in STATUSES_WITHOUT_BODY
        headers = default_headers(None if has_no_body else len(body), call.now // SECOND)
        if has_no_body:
            body = b""
        elif bare and not body:
            headers = tuple(header for header in headers if header[0] != b"content-type")
        if own:
            headers = merged(own, headers)
        if fault is None:
            return _reply((status, headers, body, clock, 0, None, _not_lost))
        self._counts.add_fault(head.shown[0], fault.label)
        return _with_fault(fault, Reply(status, headers, body, clock, call.due, None, partial(journal.lose, record)))

    def _without_namespace(self, call: RequestContext) -> tuple[Clock, Journal]:
        """Return clock and journal for a request that was refused before its key was checked, as for a wrong path.

        They are those of the key that it carries. So a client with a mistyped base URL is heard, not silent.
        """
        namespace = self._namespace_of(call.request)
        clock = (namespace or self._namespaces).clock
        call.now = clock.now()
        return clock, namespace.journal if namespace else self._namespaces.outside


def _corrupted(how: str, status: int, own: Headers, body: bytes) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of a corrupted answer."""
    body, kind = faults.corrupted(body, how)
    return 200 if how == "empty_body" else status, merged(((b"content-type", kind),), own) if kind else own, body


def _changed(change: Change, status: int, own: Headers, body: bytes) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of an answer with a change."""
    headers = tuple((name.lower().encode(), value.encode()) for name, value in change.headers.items())
    return change.status or status, merged(headers, own), changed_body(body, change)


def _with_fault(fault: Fault, reply: Reply) -> Reply:
    """Attach a fault that is played on the connection, and report the answer as lost where no client can read it."""
    if fault.spoils:
        reply.lost()
    return reply._replace(fault=fault) if fault.on_the_wire else reply
