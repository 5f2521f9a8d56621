"""The fault that the network or the gateway caused in one answer: a delay, a broken body, a body in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..checking.json_bodies import NOT_JSON
from ..clock import SECOND, YEAR
from ..dialect.answers import JSON, JSON_LINES
from ..models import Delay, Drip
from .raw_exchange import RawExchange, fault_members

_SLOW = SECOND
"""An answer that takes this long is delayed; a shorter time is the distance to the live host."""
_SLOW_PIECES = SECOND // 20
"""Pieces of a body that are this far apart are a drip; closer ones are packets of the network."""
_MILLISECOND = SECOND // 1000


def observed_fault(raw: RawExchange, content_type: str, body: Any, *, needs_body: bool = True) -> Mapping[str, Any]:
    """Return the members of the scenario's fault that an answer shows; `body` is its parsed body.

    Without `needs_body` it may be empty: the documents have none here, or it is in JSON Lines.
    """
    fault = dict(fault_members(raw.network_fault))
    if not raw.network_fault and raw.status == 200 and (needs_body or raw.body):
        fault = dict(_corruption(raw, content_type, body))
    if raw.took >= _SLOW and "hang" not in fault:
        fault["delay"] = Delay(kind="constant", a=min(raw.took - raw.took % _MILLISECOND, YEAR))
    if raw.drip and is_dripped(raw) and "corrupt" not in fault:
        fault["drip"] = Drip(size=raw.drip.size, every=raw.drip.every - raw.drip.every % _MILLISECOND)
    return fault


def is_dripped(raw: RawExchange) -> bool:
    """Return whether the body came in pieces with pauses between them."""
    return raw.drip is not None and raw.drip.every >= _SLOW_PIECES


def _corruption(raw: RawExchange, content_type: str, body: Any) -> Mapping[str, Any]:
    if raw.body == b"":
        return {"corrupt": "empty_body"}
    media, parameters = content_type.partition(";")[::2]
    json = media in (JSON, JSON_LINES, "") or media.endswith("+json")
    if body is NOT_JSON:
        return {"corrupt": "truncated_json"} if json else {}
    return {"corrupt": "wrong_content_type"} if media == "text/html" and not parameters else {}
