"""An API of another distribution: it makes toast. A start is answered 202, and so is each poll until the end.

The server chooses the id of a job that is started by POST, and the client that of one by PUT.
"""

from __future__ import annotations

from typing import Any

from jobmock.dialect import Answer, Api, JobView, Operation, RequestContext, start_job, status_operation

ERRORS = {
    "unauthorized": (401, "This needs a key."),
    "no_such_toast": (404, "There is no such toast."),
    "too_many_requests": (429, "Too many requests."),
    "broken": (500, "The toaster is broken."),
}
ENDS = frozenset({"toasted", "burnt"})
SOON = ((b"retry-after", b"5"),)
REFUSALS = dict.fromkeys((401, 404, 429, 500), "error.json")


def start(call: RequestContext) -> Answer:
    """Start a job, or answer again for one with the same id. Its URL is in a header."""
    job = call.job or start_job(call, call.params.get("job"))
    url = call.url(API.path_of("status", job.id))
    return Answer(202, {"id": job.id, "status": "queued"}, ((b"operation-location", url.encode()), *SOON))


def render_status(view: JobView) -> Answer:
    """Answer a poll: 202 until the end, 200 from then on."""
    body: dict[str, Any] = {"id": view.job_id, "status": view.stage.status}
    if view.stage.visible is not None:
        body["slices"] = [{"id": number} for number in range(view.shown)]
    ended = view.stage.status in ENDS
    return Answer(200 if ended else 202, body, () if ended else SOON)


API = Api(
    name="toast",
    operations=(
        Operation(name="start", method="POST", path="/toasts", answer=start,
                  replies={**REFUSALS, 202: "start-response.json"}),
        Operation(name="start", method="PUT", path="/toasts/{job}", answer=start, creates=True,
                  replies={**REFUSALS, 202: "start-response.json"}),
        Operation(name="status", method="GET", path="/toasts/{job}", answer=status_operation(render_status),
                  replies={**REFUSALS, 200: "status.json", 202: "status.json"}),
    ),
    transitions={"queued": ENDS | {"toasting"}, "toasting": ENDS, "toasted": frozenset(), "burnt": frozenset()},
    shows={"queued": "nobody", "toasting": "nobody", "toasted": "all", "burnt": "nobody"},
    errors=ERRORS,
    result_nouns={"job": ("slice", "slices")},
    results=("slices",),
)  # fmt: skip
