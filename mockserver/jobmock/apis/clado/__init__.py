"""Clado deep research: its operations, transitions, errors and limits. Facts: schemas/clado/README.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...clock import SECOND
from ...dialect.answers import Answer, Refused
from ...dialect.api import Api, Operation
from ...dialect.credentials import BEARER
from ...dialect.reference_client import ReferenceClient
from ...dialect.request_context import RequestContext
from ...dialect.status_answers import status_operation
from ...engine.headers import bearer, retry_headers
from ...models import Limit, RetryAfter
from . import billing, cancel_and_more, start, status
from .paging import PAGING
from .sightings import SIGHTINGS

_ERROR = "error.json"
_COMMON = {401: _ERROR, 429: "error-rate-limited.json", 500: _ERROR, 503: _ERROR}
_OF_A_JOB = {**_COMMON, 403: _ERROR, 404: _ERROR}
_MORE = {**_OF_A_JOB, 200: "more-response.json", 402: _ERROR, 409: _ERROR, 422: "error-validation.json"}
_JOBS = "/api/search/deep_research"


def _credits(call: RequestContext) -> Answer:
    """Answer with the balance (schemas/clado/README.md#4.9). Credits are never bought here."""
    billing.settle_bills(call.namespace, call.now)
    return Answer(200, {"credits": call.namespace.credits.balance, "last_topup_at": None})


OPERATIONS = (
    Operation(
        name="start", method="POST", path=_JOBS, answer=start.answer,
        replies={**_COMMON, 200: "start-response.json", 402: _ERROR, 422: "error-validation.json"},
    ),
    Operation(
        name="status", method="GET", path=_JOBS + "/{job}", sample_queries=(b"", b"page=1"),
        parameters=("page", "page_size", "legacy"),
        answer=status_operation(status.render_status),
        replies={**_OF_A_JOB, 200: "status.json", 400: _ERROR, 422: "error-validation.json"},
    ),
    Operation(
        name="cancel", method="POST", path=_JOBS + "/{job}/cancel", answer=cancel_and_more.cancel,
        replies={**_OF_A_JOB, 200: "cancel-response.json", 409: _ERROR},
    ),
    Operation(name="more", method="POST", path=_JOBS + "/{job}/more", answer=cancel_and_more.more, replies=_MORE),
    Operation(
        name="more", method="POST", path=_JOBS + "/{job}/continue", answer=cancel_and_more.continue_, replies=_MORE,
    ),
    Operation(
        name="credits", method="GET", path="/api/credits", answer=_credits, replies={**_COMMON, 200: "credits.json"},
    ),
)  # fmt: skip
"""Source: schemas/clado/README.md#1."""

ERRORS = {
    "bad_request": (400, "The paging parameters are out of range."),
    "unauthorized": (401, "The API key is invalid."),
    "credits_insufficient": (402, "Not enough credits."),
    "forbidden": (403, "This job belongs to another account."),
    "not_found": (404, "There is no such job."),
    "conflict": (409, "The job is not in a state that allows this."),
    "invalid": (422, "The request can't be understood."),
    "rate_limited": (429, "Too many requests."),
    "server_error": (500, "Internal error."),
    "unavailable": (503, "Temporarily unavailable."),
}
"""Error name → HTTP status and text. The texts are the mock's own (schemas/clado/README.md#8)."""

_TIERS = {
    tier: dict.fromkeys(("start", "more"), Limit(requests=requests, period=60 * SECOND))
    for tier, requests in {"free": 5, "paid": 5, "paid_50": 50, "paid_250": 100}.items()
}
"""Starts and continuations in each fixed window of a minute (schemas/clado/README.md#7,#11.22)."""
_RESERVED = {"lk_revoked": "401 unauthorized"}
_SAMPLE_WAIT = RetryAfter(seconds=60)
"""The `retry_after` of the documented sample (schemas/clado/README.md#7)."""


def limits(switch: Callable[[str], Any]) -> Mapping[str, Limit]:
    """Return the limits of the account's tier."""
    return _TIERS[switch("tier")]


def authorize(header: bytes | None, operation: Operation | None) -> str:
    """Return the key. A missing and a wrong key have the same status but different texts.

    Source: schemas/clado/README.md#2,#11.18.
    """
    token = bearer(header) or ""
    if problem := BEARER.problem(header, "lk_"):
        raise Refused("unauthorized", problem)
    if token in _RESERVED:
        raise Refused("unauthorized")
    return token


def refusal(refused: Refused, call: RequestContext) -> Answer:
    """Return an error as `{"detail": …}`; a 429 has members of its own (schemas/clado/README.md#7,#8,#11.1)."""
    status, text = ERRORS[refused.name]
    text = refused.text or text
    if status == 429:
        retry = refused.retry or _SAMPLE_WAIT
        seconds = _SAMPLE_WAIT.seconds if retry.seconds is None else retry.seconds
        return Answer(429, {"error": text, "retry_after": seconds}, retry_headers(retry, call.now))
    fallback = [{"loc": ["body"], "msg": text, "type": "value_error"}] if status == 422 else text
    headers = retry_headers(refused.retry, call.now)
    challenge = ((b"www-authenticate", b"Bearer"),) if status == 401 else ()
    return Answer(status, {"detail": refused.members.get("detail", fallback)}, headers + challenge)


def other_error(status: int, text: str, call: RequestContext) -> Answer:
    """Return an error that no document lists (schemas/clado/README.md#11.33)."""
    return Answer(status, {"detail": text})


def reference_client() -> ReferenceClient:
    """Return the smallest correct client of this API."""
    from .reference_client import REFERENCE_CLIENT

    return REFERENCE_CLIENT


API = Api(
    name="clado",
    host="search.clado.ai",
    prefix="lk_",
    operations=OPERATIONS,
    transitions=status.TRANSITIONS,
    shows=status.SHOWS,
    counters=status.COUNTERS,
    id_path=("job_id",),
    errors=ERRORS,
    refusal=refusal,
    reserved=_RESERVED,
    authorize=authorize,
    unknown_key_error="unauthorized",
    foreign_job_error="forbidden",
    not_found_error="not_found",
    rate_limit_error="rate_limited",
    by_status={status: name for name, (status, _) in ERRORS.items()},
    other_error=other_error,
    limits=limits,
    default_scenarios={"job": "clado/usual"},
    result_nouns={"job": ("person", "people")},
    kind=lambda run_shape: "job",
    partial=status.partial,
    longest_job=15 * 60 * SECOND,  # schemas/clado/README.md#5
    facts=lambda namespace, run_shape: {},
    paging=PAGING,
    continuation=cancel_and_more.CONTINUATION,
    settle=billing.settle_bills,
    reference_client=reference_client,
    sightings=SIGHTINGS,
)
