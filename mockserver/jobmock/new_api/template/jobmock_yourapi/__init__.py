"""The API yourapi as jobmock plays it. Its facts are in `tables`, and the bodies of its answers in `answers.json`.

Change the tables and the bodies first. Change a function below where an answer depends on more than they say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pkgutil import get_data
from typing import Any

from jobmock.dialect import (
    Answer,
    Api,
    Credential,
    JobView,
    Operation,
    Refused,
    RequestContext,
    Step,
    cancel_job,
    checked_body,
    current_view,
    retry_headers,
    start_job,
    status_operation,
)

from . import tables
from .checks import check, has, parsed

BODIES = parsed(get_data(__name__, "answers.json") or b"")
check(tables, BODIES)
_HEADER, _SCHEME = tables.CREDENTIAL
_REFUSED_KEY = (401, 403) if _HEADER else (404,)
_NAMES = {name for name, *_ in tables.OPERATIONS}


def put(body: Any, path: Sequence[str], value: Any) -> Any:
    """Return a body with a value at a path. Without a path, the body stays as it is."""
    if not path:
        return body
    name, *inner = path
    return {**body, name: put(body.get(name) or {}, inner, value) if inner else value}


def start(call: RequestContext) -> Answer:
    """Start a job. What the answer takes from the request goes here."""
    if tables.BAD_REQUEST:
        checked_body(call, tables.BAD_REQUEST)
    job = start_job(call)
    url = call.url(API.path_of("status", job.id)).encode()
    headers = ((tables.ID_HEADER.encode(), url),) if tables.ID_HEADER else ()
    return Answer(tables.STARTED, put(BODIES["start"], tables.STARTED_ID, job.id), headers)


def render_status(view: JobView) -> Answer:
    """Answer a poll: the body of the job's status, with as many results as the scenario shows."""
    status, bodies = view.stage.status, BODIES["status"]
    body = put(bodies.get(status, next(iter(bodies.values()))), tables.STATUS, status)
    body = put(body, tables.JOB_ID, view.job_id)
    if tables.RESULTS and "results" not in _NAMES and view.stage.visible is not None:
        body = put(body, tables.RESULTS, results_in(view))
    over = not tables.TRANSITIONS.get(status, ("unknown",))
    return Answer(tables.OVER if over else tables.AT_WORK, body)


def results(call: RequestContext) -> Answer:
    """Answer with the results of a job, for an API that has them in an operation of their own."""
    (status, body), listed = BODIES["others"]["results"], results_in(current_view(call))
    return Answer(status, put(body, tables.RESULTS, listed) if tables.RESULTS else listed)


def results_in(view: JobView) -> list[Any]:
    """Return the results that a job shows."""
    return [result(number) for number in range(1, view.shown + 1)]


def result(number: int) -> Any:
    """Return one result of a job, by its number from 1."""
    if not tables.RESULT_ID:
        return BODIES["result"]
    is_text = isinstance(BODIES["result"][tables.RESULT_ID[0]], str)
    return put(BODIES["result"], tables.RESULT_ID, f"result-{number}" if is_text else number)


def cancel(call: RequestContext) -> Answer:
    """Cancel a job. One that is over stays as it is."""
    before = cancel_job(call, Step(status=tables.CANCELLED)).status
    status, body = BODIES["others"]["cancel"]
    now = before if before in API.terminal else tables.CANCELLED
    for path, value in ((tables.JOB_ID, call.known_job().id), (tables.STATUS, now)):
        body = put(body, path, value) if has(body, path) else body
    return Answer(status, body)


def always(name: str) -> Callable[[RequestContext], Answer]:
    """Return the function that answers an operation with one and the same body."""
    return lambda call: Answer(*BODIES["others"][name])


def refusal(refused: Refused, call: RequestContext) -> Answer:
    """Answer with an error."""
    status, text = tables.ERRORS[refused.name]
    body = error_body(refused.name, refused.text or text)
    return Answer(status, {**body, **refused.members}, retry_headers(refused.retry, call.now))


def other_error(status: int, text: str, call: RequestContext) -> Answer:
    """Answer with an error that no table has: in the body of the error whose HTTP status is nearest."""
    nearest = min(tables.ERRORS, key=lambda name: abs(tables.ERRORS[name][0] - status))
    return Answer(status, replaced(error_body(nearest, text), tables.ERRORS[nearest][0], status))


def error_body(name: str, text: str) -> Any:
    """Return the body of an error with a text, if it has a place for that."""
    body = BODIES["errors"][name]
    return put(body, tables.MESSAGE, text) if has(body, tables.MESSAGE) else body


def replaced(body: Any, old: int, new: int) -> Any:
    """Return a body with another number in place of this one, such as its HTTP status."""
    if isinstance(body, dict):
        return {name: replaced(value, old, new) for name, value in body.items()}
    return new if type(body) is int and body == old else body


ANSWERS = {"start": start, "status": status_operation(render_status), "results": results, "cancel": cancel}
API = Api(
    name="yourapi",
    host=tables.HOST,
    credential=Credential(_HEADER and _HEADER.encode(), _SCHEME),
    operations=tuple(
        Operation(name=name, method=method, path=path, replies=replies, answer=ANSWERS.get(name) or always(name))
        for name, method, path, replies in tables.OPERATIONS
    ),
    transitions={status: frozenset(following) for status, following in tables.TRANSITIONS.items()},
    shows=tables.SHOWS,
    errors=tables.ERRORS,
    error_codes=tables.ERROR_CODES,
    refusal=refusal,
    other_error=other_error,
    unknown_key_error=next(name for name, (status, _) in tables.ERRORS.items() if status in _REFUSED_KEY),
    id_path=tables.STARTED_ID or ("id",),
    id_header=tables.ID_HEADER or None,
    status_path=tables.STATUS,
    results=tables.RESULTS or (() if "results" in _NAMES else ("results",)),
    result_nouns={"job": ("result", "results") if tables.RESULTS or "results" in _NAMES else ("", "")},
)
