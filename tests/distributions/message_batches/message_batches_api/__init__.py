"""An API of batches: a client starts one with many entries, polls it, and reads its outcomes as JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jobmock.dialect import (
    JSON_LINES,
    SECOND,
    After,
    Answer,
    Api,
    Limit,
    Operation,
    Refused,
    RequestContext,
    Step,
    cancel_job,
    current_view,
    json_lines,
    start_job,
    status_operation,
)

from .batches import ENDS, WINDING_DOWN, batch, outcome_lines, render_batch
from .entries import refs_in
from .listing import list_batches
from .problems import ERRORS, other_error, refusal

_BATCHES = "/v1/message_batches"
_ALWAYS = dict.fromkeys((401, 429, 500, 529), "problem.json")
_OF_A_BATCH = {**_ALWAYS, 404: "problem.json"}


def start(call: RequestContext) -> Answer:
    """Start a batch that answers each of its entries."""
    refs = refs_in(call)
    job = start_job(call, count=len(refs), facts={"refs": refs})
    return Answer(200, batch(job.id, "vetting", job.created, len(refs), 0))


def results(call: RequestContext) -> Answer:
    """Answer with the outcomes of a batch that is over."""
    view = current_view(call)
    if view.stage.status not in ENDS:
        raise Refused("outcome_absent")
    return json_lines(outcome_lines(view))


def cancel(call: RequestContext) -> Answer:
    """Wind a batch down, which takes two polls. A batch that does so already goes on."""
    status = current_view(call).stage.status
    if status in ENDS:
        raise Refused("batch_over")
    if status != WINDING_DOWN:
        cancel_job(call, Step(status=WINDING_DOWN, after=After(polls=2)), Step(status="ended_badly"))
    return render_batch(current_view(call))


def limits(switch: Callable[[str], Any]) -> Mapping[str, Limit]:
    """Return the limits by operation: the more starts, the larger the plan."""
    return {"start": Limit(switch("starts_per_minute"), 60 * SECOND), "all_batches": Limit(60, 60 * SECOND)}


API = Api(
    name="message_batches",
    prefix="mb-",
    operations=(
        Operation(name="start", method="POST", path=_BATCHES, answer=start,
                  replies={**_ALWAYS, 200: "batch.json", 400: "problem.json", 413: "problem.json"},
                  errors=("entries_invalid",)),
        Operation(name="all_batches", method="GET", path=_BATCHES, answer=list_batches,
                  parameters=("after_batch", "batch_limit"),
                  replies={**_ALWAYS, 200: "listing.json", 400: "problem.json"}, errors=("cursor_invalid",)),
        Operation(name="status", method="GET", path=_BATCHES + "/{job}", answer=status_operation(render_batch),
                  replies={**_OF_A_BATCH, 200: "batch.json"}),
        Operation(name="results", method="GET", path=_BATCHES + "/{job}/outcome_lines", answer=results,
                  media_type=JSON_LINES, replies={**_OF_A_BATCH, 200: "outcome-lines.json"},
                  errors=("outcome_absent",)),
        Operation(name="cancel", method="POST", path=_BATCHES + "/{job}/wind_down", answer=cancel,
                  replies={**_OF_A_BATCH, 200: "batch.json", 409: "problem.json"}),
    ),
    transitions={
        "vetting": ENDS | {"being_answered", WINDING_DOWN},
        "being_answered": ENDS | {WINDING_DOWN},
        WINDING_DOWN: frozenset({"ended_badly"}),
        **dict.fromkeys(ENDS, frozenset()),
    },
    shows={
        "vetting": "none", "being_answered": "kept or none", WINDING_DOWN: "kept", "ended_well": "all",
        "ended_badly": "kept or none", "expired_unfinished": "kept or none",
    },
    errors=ERRORS,
    refusal=refusal,
    other_error=other_error,
    status_path=("processing_phase",),
    id_path=("batch_ref",),
    results=(),
    counters=(("entry_counts", "replied"),),
    limits=limits,
    switches={"starts_per_minute": {"type": "integer", "minimum": 1, "default": 50}},
    result_nouns={"job": ("batch outcome", "batch outcomes")},
    longest_job=24 * 3600 * SECOND,
)  # fmt: skip
