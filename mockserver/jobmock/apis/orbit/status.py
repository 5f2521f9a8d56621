"""GET /v2/developer/deep-search/{requestId}, and the removed events route (apis/orbit §1, §11 #33, #40)."""

from __future__ import annotations

from ...dialect import Answer, Call, Refused
from ...progression import ABSENT
from .result import run_body


def answer(call: Call) -> Answer:
    """Answer one poll; query parameters are ignored."""
    stage = call.poll()
    if stage.step.status == ABSENT:
        raise Refused("developer_deep_search_run_not_found")
    return Answer(200, run_body(call, call.known_job(), stage))


def events(call: Call) -> Answer:
    """Answer the removed event stream: 404, or 410."""
    gone = call.switch("events_route") == "gone"
    return call.api.plain(410 if gone else 404, "The events route was removed. Poll the status route.", call)
