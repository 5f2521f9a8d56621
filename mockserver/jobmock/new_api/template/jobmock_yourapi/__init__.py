"""The API yourapi as jobmock plays it. Its facts are in `tables`, and the bodies of its answers in `answers.json`.

Change the tables and the bodies first. Change a function below where an answer depends on more than they say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
    current_view,
    retry_headers,
    start_job,
    status_operation,
)

from . import tables

BODIES = json.loads(get_data(__name__, "answers.json") or b"{}")
_HEADER, _SCHEME = tables.CREDENTIAL
_REFUSED_KEY = (401, 403) if _HEADER else (404,)
_NAMES = {name for name, *_ in tables.OPERATIONS}


def put(body: Any, path: Sequence[str], value: Any) -> Any:
    """Return a body with a value at a path. Without a path, the body stays as it is."""
    if not path:
        return body
    name, *inner = path
    return {**body, name: put(body.get(name) or {}, inner, value) if inner else value}


def has(body: Any, path: Sequence[str]) -> bool:
    """Return whether a body has something at a path."""
    for name in path:
        if not isinstance(body, Mapping) or name not in body:
            return False
        body = body[name]
    return bool(path)


def start(call: RequestContext) -> Answer:
    """Start a job. What the answer takes from the request goes here."""
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
    body = BODIES["errors"][refused.name]
    if has(body, tables.MESSAGE):
        body = put(body, tables.MESSAGE, refused.text or text)
    return Answer(status, {**body, **refused.members}, retry_headers(refused.retry, call.now))


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
    unknown_key_error=next(name for name, (status, _) in tables.ERRORS.items() if status in _REFUSED_KEY),
    id_path=tables.STARTED_ID or ("id",),
    id_header=tables.ID_HEADER or None,
    status_path=tables.STATUS,
    results=tables.RESULTS or (() if "results" in _NAMES else ("results",)),
    result_nouns={"job": ("result", "results") if tables.RESULTS or "results" in _NAMES else ("", "")},
)
