"""A batch as its answers show it, and its outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobmock.dialect import SECOND, Answer, JobView

ENDS = frozenset({"ended_well", "ended_badly", "expired_unfinished"})
WINDING_DOWN = "winding_down"


def render_batch(view: JobView) -> Answer:
    """Answer with a batch."""
    return Answer(200, batch_in(view))


def batch_in(view: JobView) -> dict[str, Any]:
    """Return the batch of a view."""
    href = view.url(f"/v1/message_batches/{view.job_id}/outcome_lines") if view.stage.status in ENDS else None
    return batch(view.job_id, view.stage.status, view.created, view.people, view.shown, href)


def batch(ref: str, phase: str, created: int, entries: int, answered: int, href: str | None = None) -> dict[str, Any]:
    """Return a batch: entries without an answer wait until its end, and are errors from then on."""
    left, is_over = entries - answered, phase in ENDS
    return {
        "batch_ref": ref,
        "processing_phase": phase,
        "entry_counts": {"waiting": 0 if is_over else left, "replied": answered, "errored": left if is_over else 0},
        "created_stamp": created // SECOND,
        "results_href": href,
    }


def outcome_lines(view: JobView) -> Iterator[dict[str, Any]]:
    """Yield the outcome of each entry that was answered."""
    refs = view.facts.get("refs", ())
    for number in range(view.shown):
        ref = refs[number] if number < len(refs) else f"entry-{number + 1}"
        yield {"custom_ref": ref, "outcome": {"kind": "replied", "text": f"The answer to {ref}."}}
