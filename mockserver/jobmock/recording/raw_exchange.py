"""One exchange as the proxy saw it. It holds real data, so it is sanitized at once and never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..models import NOTHING, Drip, Reply, Request

NETWORK_FAULTS: Mapping[str, Mapping[str, Any]] = {
    "before_response": {"disconnect": "before_response"},
    "reset": {"disconnect": "reset"},
    "mid_body": {"disconnect": "mid_body"},
    "short_body": {"corrupt": "short_body"},
    "garbage": {"corrupt": "garbage"},
    "hang": {"hang": True},
}
"""How an answer broke on its way → the members of a scenario's fault that breaks it in the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawExchange:
    """A request and its answer. `at` is when the request came, `took` the time until the answer's head came, both in
    nanoseconds.

    Header names are lower-case. `body` is the answer's body after its content encoding was undone, None if that was
    not possible. `network_fault` is a key of NETWORK_FAULTS if no complete answer came; then the rest isn't known.
    """

    at: int
    request: Request = field(repr=False)
    took: int = 0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=b"", repr=False)
    network_fault: str | None = None
    drip: Drip | None = None


def from_reply(request: Request, reply: Reply, at: int) -> RawExchange:
    """Return what a proxy would see of a mock's reply to a request that came at `at`."""
    fault = reply.fault
    took = max(0, reply.due - at)
    if fault and not fault.drip:
        name = fault.disconnect or fault.corrupt or "hang"
        return RawExchange(at=at, request=request, took=took, network_fault=name)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
    drip = fault.drip if fault and fault.drip and len(reply.body) > fault.drip.size else None
    return RawExchange(
        at=at, request=request, took=took, status=reply.status, headers=headers, body=reply.body, drip=drip,
    )  # fmt: skip


def fault_members(network_fault: str | None) -> Mapping[str, Any]:
    """Return the members of a scenario's fault that breaks an answer in this way; none for a whole answer."""
    return NETWORK_FAULTS[network_fault] if network_fault else NOTHING
