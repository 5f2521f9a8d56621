"""One exchange as it was seen on the wire. It holds real data, so it is distilled at once and never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..models import NOTHING, Drip, Reply, Request

HOW: Mapping[str, Mapping[str, Any]] = {
    "before_response": {"disconnect": "before_response"},
    "reset": {"disconnect": "reset"},
    "mid_body": {"disconnect": "mid_body"},
    "short_body": {"corrupt": "short_body"},
    "garbage": {"corrupt": "garbage"},
    "hang": {"hang": True},
}
"""How an answer broke on its way → the fault's own members in a scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request and what came of it. `at` is when it arrived and `took` how long its answer's head took, both in
    nanoseconds.

    Header names are lower-case; `body` is the answer's after any content encoding was undone, None where that can't
    be done. `broke` is a word of HOW where no whole answer came, and then nothing else is known of it.
    """

    at: int
    request: Request = field(repr=False)
    took: int = 0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=b"", repr=False)
    broke: str | None = None
    drip: Drip | None = None


def of_reply(request: Request, reply: Reply, at: int) -> Seen:
    """Return what a proxy would see of a mock's answer to a request that arrived at `at`."""
    fault = reply.fault
    took = max(0, reply.due - at)
    if fault and not fault.drip:
        word = fault.disconnect or fault.corrupt or "hang"
        return Seen(at=at, request=request, took=took, broke=word)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
    drip = fault.drip if fault and fault.drip and len(reply.body) > fault.drip.size else None
    return Seen(
        at=at, request=request, took=took, status=reply.status, headers=headers, body=reply.body, drip=drip,
    )  # fmt: skip


def harm(broke: str | None) -> Mapping[str, Any]:
    """Return the members of the fault that breaks an answer like that; none for a whole one."""
    return HOW[broke] if broke else NOTHING
