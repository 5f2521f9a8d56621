"""Orbit Deep Search: its operations, transitions, errors and limits. Facts: schemas/orbit/README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...clock import SECOND
from ...dialect.answers import Answer, Refused
from ...dialect.api import Api, Operation
from ...dialect.credentials import BEARER
from ...dialect.observation import Observation
from ...dialect.reference_client import ReferenceClient
from ...dialect.request_context import RequestContext
from ...dialect.status_answers import status_operation
from ...engine.headers import bearer, retry_headers
from ...engine.namespace import Namespace
from ...models import Limit, RetryAfter
from . import billing, profile_read, start, status
from .errors import BY_STATUS, CODE_OF_NAME, ERRORS, UNDOCUMENTED_CODES
from .sightings import SIGHTINGS

_ERROR = "error.json"
_COMMON = dict.fromkeys((401, 403, 429, 500, 502, 503), _ERROR)
_RUNS = "/v2/developer/deep-search"

OPERATIONS = (
    Operation(
        name="start", method="POST", path=_RUNS, answer=start.answer, scope="search:read",
        idempotency_field="requestId",
        replies={**_COMMON, 200: "start-response.json", 202: "start-response.json", 400: _ERROR,
                 402: "error-credits.json", 409: _ERROR},
    ),
    Operation(
        name="status", method="GET", path=_RUNS + "/{job}", scope="search:read",
        answer=status_operation(status.render_status),
        replies={**_COMMON, 200: "status.json", 404: "status-404.json"},
    ),
    Operation(
        name="events", method="GET", path=_RUNS + "/{job}/events", answer=status.events, scope="search:read",
        replies={**_COMMON, 404: _ERROR, 410: _ERROR},
    ),
    Operation(
        name="profile", method="GET", path="/v2/developer/profiles/{profile}", answer=profile_read.answer,
        scope="profile:read", not_found_error="developer_profile_not_found",
        replies={**_COMMON, 200: "profile.json", 402: "error-credits.json", 404: _ERROR, 409: _ERROR},
    ),
)  # fmt: skip
"""Source: schemas/orbit/README.md#1."""


_REFUSED_KEYS = {
    "sk_orb_revoked": "invalid_api_key",
    "sk_orb_expired": "invalid_api_key",
    "sk_orb_noscope": "missing_api_key_scope",
}
_SEARCH_ONLY = "sk_orb_searchonly"
_RESERVED = {
    "sk_orb_revoked": "403 invalid_api_key",
    "sk_orb_expired": "403 invalid_api_key",
    "sk_orb_noscope": "403 missing_api_key_scope, everywhere",
    _SEARCH_ONLY: "403 missing_api_key_scope, on profile reads",
}


LIMITS = {
    "status": Limit(requests=25, period=SECOND, burst=150),
    "start": Limit(requests=60, period=60 * SECOND),
    "profile": Limit(requests=120, period=60 * SECOND),
}
"""Polls have a token bucket (schemas/orbit/README.md#7). The limit of start is the mock's default.

Source: schemas/orbit/README.md#11.2.
"""


def authorize(header: bytes | None, operation: Operation | None) -> str:
    """Return the key. Raises Refused: 401 without a key, 403 for a wrong one or one without the operation's scope.

    Source: schemas/orbit/README.md#2.
    """
    token = bearer(header) or ""
    if problem := BEARER.problem(header, "sk_orb_"):
        raise Refused("invalid_api_key" if token else "missing_api_key", problem)
    if token in _REFUSED_KEYS:
        raise Refused(_REFUSED_KEYS[token])
    if token == _SEARCH_ONLY and operation and operation.scope != "search:read":
        raise Refused("missing_api_key_scope")
    return token


def refusal(refused: Refused, call: RequestContext) -> Answer:
    """Return an error in its envelope; by a switch the 404 of the status route has the run body instead.

    Source: schemas/orbit/README.md#4.8,#11.1.
    """
    code = CODE_OF_NAME.get(refused.name, refused.name)
    status, text = ERRORS[refused.name]
    status_operation = call.operation is not None and call.operation.name == "status"
    if status_operation and code == "developer_deep_search_run_not_found" and call.switch("not_found_body") == "run":
        body: dict[str, Any] = {"request_id": call.params["job"], "run_id": None, "status": "not_found", "result": None}
    else:
        members = refused.members or (_amounts(call) if status == 402 else {})
        error = {"code": code, "message": refused.text or text, **members}
        body = {"status": call.switch("envelope_status"), "error": error}
    retry = refused.retry or (RetryAfter(seconds=1) if status == 429 else None)
    return Answer(status, body, retry_headers(retry and _in_form(retry, call), call.now))


def _amounts(call: RequestContext) -> dict[str, int]:
    """Return the amounts of a scripted 402: the price of the call, and a balance below that."""
    price = billing.RUN_PRICE if call.operation and call.operation.name == "start" else billing.READ_PRICE
    return {"requiredCredits": price, "remainingCredits": min(call.namespace.credits.balance, price - 1)}


def _in_form(retry: RetryAfter, call: RequestContext) -> RetryAfter:
    """Return a Retry-After in the form that the switch chooses. A fault's own Retry-After keeps its form."""
    form = call.switch("retry_after")
    if form == "seconds" or (call.fault and call.fault.retry_after):
        return retry
    return RetryAfter(seconds=retry.seconds, as_date=True) if form == "date" else RetryAfter()


def other_error(status: int, text: str, call: RequestContext) -> Answer:
    """Return an error that no document lists, with a code of the mock's own.

    Source: schemas/orbit/README.md#11.33-#11.35.
    """
    code = UNDOCUMENTED_CODES.get(status, f"http_{status}")
    return Answer(status, {"status": call.switch("envelope_status"), "error": {"code": code, "message": text}})


def kind(run_shape: str | None) -> str:
    """Return the kind of a run: it ends with one profile, or with candidates (schemas/orbit/README.md#3.2)."""
    return "candidates" if run_shape == "candidate_discovery" else "profile"


def facts(namespace: Namespace, run_shape: str | None) -> Mapping[str, Any]:
    """Return the facts of a run that no start call made."""
    return start.facts(namespace, run_shape or "partial_plus_full", content=None)


def reference_client() -> ReferenceClient:
    """Return the smallest correct client of this API."""
    from .reference_client import REFERENCE_CLIENT

    return REFERENCE_CLIENT


def observation() -> Observation:
    """Return the functions with which a recorder reads this API's bodies."""
    from .observation import OBSERVATION

    return OBSERVATION


API = Api(
    name="orbit",
    host="api.orbitsearch.com",
    prefix="sk_orb_",
    operations=OPERATIONS,
    transitions=status.TRANSITIONS,
    id_path=("request_id",),
    shows=status.SHOWS,
    counters=status.COUNTERS,
    errors=ERRORS,
    error_codes=CODE_OF_NAME,
    refusal=refusal,
    reserved=_RESERVED,
    authorize=authorize,
    unknown_key_error="invalid_api_key",
    foreign_job_error="developer_deep_search_run_not_found",
    not_found_error="developer_deep_search_run_not_found",
    rate_limit_error="developer_api_key_rate_limited",
    by_status=BY_STATUS,
    other_error=other_error,
    limits=lambda switch: LIMITS,
    result_nouns={"profile": ("", ""), "candidates": ("candidate", "candidates")},
    default_scenarios={"profile": "orbit/usual", "candidates": "orbit/usual-discovery"},
    kind=kind,
    partial=status.partial,
    longest_job=25 * 60 * SECOND,  # schemas/orbit/README.md#11.37
    facts=facts,
    paging=None,
    settle=billing.settle_refunds,
    reference_client=reference_client,
    observation=observation,
    sightings=SIGHTINGS,
)
