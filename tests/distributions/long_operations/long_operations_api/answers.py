"""The answers to a start, to polls, to reads of the result, and to cancellations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jobmock.dialect import (
    SECOND,
    After,
    Answer,
    JobView,
    Refused,
    RequestContext,
    Step,
    cancel_job,
    current_view,
    start_job,
)

SOON = ((b"retry-after", b"5"),)
PERCENT = {"Unbegun": 0, "Working": 50, "Succeeded": 100, "Defeated": 50, "Revoked": 50}
ENDS = frozenset({"Succeeded", "Defeated", "Revoked"})


def start(call: RequestContext) -> Answer:
    """Start an operation. The answer has no body: the URL of the operation is in a header."""
    try:
        body = call.json_body()
    except ValueError as error:
        raise Refused("InputRefused", "The body isn't JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("kind"), str):
        raise Refused("InputRefused")
    job = start_job(call)
    return Answer(202, None, ((b"operation-location", call.url(f"/long-operations/{job.id}").encode()), *SOON))


def render_status(view: JobView) -> Answer:
    """Answer a poll."""
    status = view.stage.status
    body: dict[str, Any] = {
        "id": view.job_id,
        "status": status,
        "createdDateTime": _date(view.created),
        "lastActionDateTime": _date(view.entered),
        "percentDone": PERCENT.get(status, 50),
    }
    if status == "Succeeded":
        body["resultLocation"] = view.url(f"/long-operations/{view.job_id}/rendering")
    if status == "Defeated":
        body["fault"] = {"code": "EngineBroken", "message": "The engine broke down during the operation."}
    return Answer(200, body, () if status in ENDS else SOON)


def read_result(call: RequestContext) -> Answer:
    """Answer with the items that a successful operation has rendered."""
    view = current_view(call)
    if view.stage.status != "Succeeded":
        raise Refused("ResultNotReady")
    if view.switch("result_expired"):
        raise Refused("ResultExpired")
    items = [{"itemId": f"item-{view.seed}-{number}", "weight": 1 + number % 5} for number in range(view.shown)]
    return Answer(200, {"renderedItems": items})


def cancel(call: RequestContext) -> Answer:
    """Revoke an operation: it works until one more poll is answered."""
    stage = cancel_job(call, Step(status="Working", after=After(polls=1)), Step(status="Revoked"))
    if stage.status in ENDS:
        raise Refused("OperationOver")
    return Answer(202, None)


def _date(reading: int) -> str:
    return datetime.fromtimestamp(reading // SECOND, UTC).isoformat().replace("+00:00", "Z")
