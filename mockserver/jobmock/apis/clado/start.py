"""POST /api/search/deep_research: starts a job.

Source: schemas/clado/README.md#3.1,#4.1,#11.2-#11.5,#11.25.
"""

from __future__ import annotations

from ...dialect.answers import Answer
from ...dialect.request_context import RequestContext
from .billing import afford
from .request_bodies import COUNT, TEXT, TEXT_LIST, entry, invalid, read

DEFAULT_LIMIT = 30
_RULES = {"query": TEXT, "limit": COUNT, "hard_filter_company_urls": TEXT_LIST}
"""The fields of the body; others are ignored (schemas/clado/README.md#11.4)."""


def answer(call: RequestContext) -> Answer:
    """Start a job with min(count, limit) people. Each POST starts a new one (schemas/clado/README.md#11.25)."""
    body = read(call, _RULES, needed=frozenset({"query"}))
    limit, maximum = int(body["limit"]) if "limit" in body else None, call.switch("limit_maximum")
    if maximum is not None and limit is not None and limit > maximum:
        raise invalid([entry(["body", "limit"], f"Input should be at most {maximum}.", "less_than_equal")])
    afford(call, DEFAULT_LIMIT if limit is None else limit)
    plan = call.plan_for("job")
    count = plan.scenario.results.count
    if limit is not None and limit < count:
        call.add_note(f"its limit cuts the {count} people of {plan.name} to {limit}")
    job = call.start_job(call.namespace.unique("job"), plan, count if limit is None else min(count, limit), {})
    job.billed = True
    call.namespace.open_charges[job.id] = job
    return Answer(200, {"job_id": job.id, "status": "pending", "message": "Job accepted."})
