"""Pairs of clients of which the wrong one ends its call in a way that its job didn't."""

from __future__ import annotations

from tests.campaigns.clients.planting import Pair
from tests.support import scenario

_ENDED = 'if body["status"] in ENDED:'
_FAILED = 'if last["status"] == "completed":'
_FAILED_BODY = 'raise Failed(f"Nobody was found: {failed}") from failed'
_OK = "if answer.status < 300:"
_RETURNS = {"failures": "return"}
_FAST = ("scaled ×4", "scaled ×20", "scaled ×100")
"""A step of some seconds is over between two polls there."""
_TEMPORARY = "TEMPORARY = (408, 425, 429, 500, 502, 503, 504)"
_FORBIDDEN = scenario("clado", "pending", faults=[{"when": {"request": 2}, "respond": "forbidden"}])
_PARTIAL = scenario("clado", "pending", {"status": "completed", "body": {"search_chunk_done": 2}})

GAVE_UP = (
    Pair(name="raises-at-a-503", rule="gave-up-early", played="clado/unavailable-once",
         line=_TEMPORARY, becomes="TEMPORARY = (408, 425, 429)"),
    Pair(name="raises-at-a-429", rule="gave-up-early", played="clado/rate-limited-once",
         line=_TEMPORARY, becomes="TEMPORARY = (408, 425, 500, 502, 503, 504)"),
    Pair(name="raises-at-a-502", rule="gave-up-early", played="orbit/unavailable-once",
         line=_TEMPORARY, becomes="TEMPORARY = (408, 425, 429, 500, 503, 504)"),
    Pair(name="reads-the-envelope", rule="gave-up-early", played="orbit/rate-limited-once",
         line=_OK, becomes='if "status" in answer.body:'),
    Pair(name="raises-at-a-lost-answer", rule="gave-up-early", played="clado/lost-answers",
         line="pause = self.back_off(errors)", becomes="raise"),
    Pair(name="raises-at-a-garbled-answer", rule="gave-up-early", played="orbit/garbled-answers",
         line="pause = self.back_off(errors)", becomes="raise"),
    Pair(name="short-deadline", rule="gave-up-early", played="clado/slow", parameter={"deadline": 120}),
    Pair(name="short-deadline-orbit", rule="gave-up-early", played="orbit/slow", parameter={"deadline": 300}),
    Pair(name="returns-processing", rule="gave-up-early", played="clado/usual", settings=_RETURNS,
         line=_ENDED, becomes='if body["status"] not in ("pending", "searching", "running"):'),
    Pair(name="returns-generating-sections", rule="gave-up-early", played="orbit/usual", settings=_RETURNS,
         line=_ENDED, becomes='if body["status"] not in ("pending", "searching", "running"):'),
    Pair(name="raises-at-processing", rule="gave-up-early", played="clado/usual", settings={"unknown": "raise"},
         line='RUNNING = ("pending", "searching", "processing", "running", "generating_sections")',
         becomes='RUNNING = ("pending", "searching", "running")'),
)  # fmt: skip

WRONG_ENDS = (
    Pair(name="returns-an-unknown-status", rule="unknown-status-as-result", played="clado/unknown-status",
         settings=_RETURNS, line=_ENDED, becomes='if body["status"] not in RUNNING:',
         unknown_on=_FAST),
    Pair(name="returns-an-unknown-status-orbit", rule="unknown-status-as-result", played="orbit/unknown-status",
         settings=_RETURNS, line=_ENDED, becomes='if body["status"] not in RUNNING:',
         unknown_on=_FAST),
    Pair(name="returns-a-refused-start", rule="error-as-result", played="orbit/no-credits", program="reported",
         file="programs", line=_FAILED_BODY, becomes="return str(failed)"),
    Pair(name="returns-a-404", rule="error-as-result", played="orbit/not-found", program="reported",
         file="programs", line=_FAILED_BODY, becomes="return str(failed)"),
    Pair(name="status-code-not-read", rule="error-as-result", played="orbit/rate-limited-once", settings=_RETURNS,
         line=_OK, becomes='if "status" in answer.body:'),
    Pair(name="another-member-of-an-error", rule="error-as-result", played=_FORBIDDEN, kind="WholeAnswer",
         line='raise Failed(f"The request was answered {answer.status}.")',
         becomes='return {"status": "completed", **answer.body}'),
    Pair(name="clock-before-answer", rule="result-raised-as-error", played="clado/slow",
         settings={"interval": 60, "deadline": 910}, line=_ENDED,
         becomes='if body["status"] in ENDED and self.wire.now() < self.deadline - 60:',
         unknown_on=("scaled ×0.5", *_FAST)),
    Pair(name="completed-misspelt", rule="result-raised-as-error", played="clado/usual",
         line=_FAILED, becomes='if body["status"] == "complete":'),
    Pair(name="completed-misspelt-orbit", rule="result-raised-as-error", played="orbit/usual",
         line=_FAILED, becomes='if body["status"] == "complete":'),
    Pair(name="another-member", rule="result-raised-as-error", played="clado/two-pages",
         line='people += body.get("results", [])', becomes='people += body["people"]'),
)  # fmt: skip

VALUES = (
    Pair(name="last-page-alone", rule="wrong-count", played="clado/two-pages",
         line='people += body.get("results", [])', becomes='people = body.get("results", [])'),
    Pair(name="nobody-instead", rule="wrong-count", played="clado/usual",
         line='people += body.get("results", [])', becomes='people += body.get("people", [])'),
    Pair(name="guard-drops-a-page", rule="wrong-count", played="clado/thousand", settings={"page_size": 10},
         line='people += body.get("results", [])',
         becomes='people += [] if len(people) == len(body["results"]) else body["results"]'),
    Pair(name="cuts-at-the-first-total", rule="wrong-count", played="clado/growing", settings={"page_size": 10},
         kind="CutsToTheTotal", file="readers", line='self.total = body["pagination"]["total_results"]',
         becomes='self.total = self.total or body["pagination"]["total_results"]',
         unknown_on=("scaled ×20", "scaled ×100")),
    Pair(name="completed-for-failed", rule="wrong-status", played="clado/job-error", settings=_RETURNS,
         line="return last", becomes='return {**last, "status": "completed"}'),
    Pair(name="one-person-twice", rule="twice", played="clado/two-pages",
         line="return people", becomes="return [people[0], *people[:-1]]"),
    Pair(name="nothing-for-failed", rule="failure-as-nothing", played="clado/job-error",
         settings=_RETURNS, line="return last", becomes="return None"),
    Pair(name="empty-list-for-cancelled", rule="failure-as-nothing", played="clado/cancelled-elsewhere",
         settings=_RETURNS, line="return last", becomes="return []"),
    Pair(name="empty-mapping-for-failed-orbit", rule="failure-as-nothing", played="orbit/not-retryable",
         settings=_RETURNS, line="return last", becomes="return {}"),
    Pair(name="nothing-for-people", rule="result-as-nothing", played="clado/usual",
         line="return people", becomes="return None"),
    Pair(name="empty-mapping-for-a-profile", rule="result-as-nothing", played="orbit/usual",
         line='return await self.collect_profile(body["result"] or {})', becomes="return {}"),
    Pair(name="partial-as-whole", rule="partial-as-whole", played=_PARTIAL, settings={"walk": False},
         kind="WholeAnswer", file="readers", line="return dict(body)", becomes='return body["results"]'),
)  # fmt: skip

OUTCOMES = (*GAVE_UP, *WRONG_ENDS, *VALUES)
