"""What an API has that doesn't say it: the usual errors, bearer keys, and bodies with a list of results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from .. import json_pointer
from ..contract import documents
from ..engine.headers import retry_headers
from ..engine.pagination import Paging
from .answers import JSON_LINES, Answer, Refused
from .credentials import Credential
from .observation import Observation, ObservedPeople
from .reference_client import ReferenceClient

_UNPAGED = Paging()
_MOST_PAGES = 1_000
"""A host that ignores the parameter of the page gives the same page without end."""


class Tables(Protocol):
    """The members of an API that the others are made of."""

    @property
    def name(self) -> str: ...

    @property
    def prefix(self) -> str: ...

    @property
    def credential(self) -> Credential: ...

    def key(self, name: str) -> str: ...

    @property
    def errors(self) -> Mapping[str, tuple[int, str]]: ...

    @property
    def error_codes(self) -> Mapping[str, str]: ...

    @property
    def envelope(self) -> Callable[[str, str, Mapping[str, Any], Any], Any]: ...

    @property
    def reserved(self) -> Mapping[str, str]: ...

    @property
    def results(self) -> tuple[str, ...]: ...

    @property
    def results_operation(self) -> str: ...

    def path_of(self, name: str, job: str) -> str: ...

    @property
    def paging(self) -> Paging | None: ...


class Call(Protocol):
    """A request as a refusal needs it."""

    @property
    def now(self) -> int: ...


def default(api: Tables, member: str) -> Any:
    """Return the default of a member. Raises ValueError if it is an error of which there is none."""
    return _DEFAULTS[member](api)


def usual_prefix(name: str) -> str:
    """Return what keys of an API of this name begin with. The name alone would cut variables such as NAME_BASE_URL."""
    return f"sk_{name}_"


def _error(api: Tables, *statuses: int) -> str:
    """Return the name of the first error with the first of these statuses that has one. Raises ValueError."""
    for status in statuses:
        for name, (its, _) in api.errors.items():
            if its == status:
                return name
    words = " or ".join(map(str, statuses))
    raise ValueError(f"The API {api.name!r} has no error with {words}, and names no other.")


def _by_status(api: Tables) -> Mapping[int, str]:
    """Return the first error of each status."""
    return {status: name for name, (status, _) in reversed(list(api.errors.items()))}


def _envelope(code: str, text: str, members: Mapping[str, Any], call: Call) -> Any:
    return {"error": {"code": code, "message": text, **members}}


def _refusal(api: Tables) -> Callable[[Refused, Call], Answer]:
    def refusal(refused: Refused, call: Call) -> Answer:
        status, text = api.errors[refused.name]
        code = api.error_codes.get(refused.name, refused.name)
        body = api.envelope(code, refused.text or text, refused.members, call)
        return Answer(status, body, retry_headers(refused.retry, call.now))

    return refusal


def _other_error(api: Tables) -> Callable[[int, str, Call], Answer]:
    return lambda status, text, call: Answer(status, api.envelope(f"http_{status}", text, {}, call))


def _authorize(api: Tables) -> Callable[[bytes | None, object], str]:
    """Return a function that accepts the keys with the API's prefix, but for the reserved ones."""
    if api.credential.header is None:
        return lambda value, operation: api.key("")
    refused = _error(api, 401, 403)

    def authorize(value: bytes | None, operation: object) -> str:
        if problem := api.credential.problem(value, api.prefix):
            raise Refused(refused, problem)
        key = api.credential.key_in(value) or ""
        if key in api.reserved:
            raise Refused(refused)
        return key

    return authorize


def _observation(api: Tables) -> Callable[[], Observation]:
    observation = Observation(people=partial(_observed, api), run_shape=lambda body: None)
    return lambda: observation


def _observed(api: Tables, body: Any) -> ObservedPeople:
    """Return the results that a body lists. It is read as a page if it says which one it is."""
    items, paging = _results(api, body), api.paging
    if items is None:
        return ObservedPeople(None)
    ids = tuple(map((paging or _UNPAGED).id_of, items))
    total, page, size = (_number(paging, body, name) for name in ("total_results", "page", "page_size"))
    stated = paging.stated if paging else {}
    if page and size:
        total = total if "total_results" in stated else (page - 1) * size + len(items)
        return ObservedPeople(total, tuple(items), page, size, ids)
    least = total if "page" not in stated else 0
    return ObservedPeople(max(least, len(items)), tuple(items), ids=ids)


def _number(paging: Paging | None, body: Any, name: str) -> int:
    """Return a number that a page states, 0 if it doesn't."""
    number = paging.stated_by(body, name) if paging else None
    return number if type(number) is int and number >= 0 else 0


def _results(api: Tables, body: Any) -> list[Any] | None:
    """Return the list of results in a body, None if it has none."""
    found = json_pointer.value_at(body, api.results)
    return found if isinstance(found, list) else None


def _reference_client(api: Tables) -> Callable[[], ReferenceClient]:
    def collect(client: Any, job: str) -> tuple[int, int]:
        """Read a job's results, page by page if there are pages. Return the numbers of pages and of results."""
        path, paging, pages, count = api.path_of(api.results_operation, job), api.paging, 0, 0
        wanted: dict[str, Any] | None = paging.first() if paging else {}
        while wanted is not None and pages < _MOST_PAGES:
            answer = client.get(path, params=wanted)
            body = _content(answer) if answer.is_success else None
            found = _results(api, body) or []
            pages, count = pages + bool(paging and found), count + len(found)
            wanted = paging.following(body, wanted, len(found)) if paging and found else None
        return pages, count

    client = ReferenceClient(start=lambda run_shape: _start_body(api), more=None, collect=collect)
    return lambda: client


def _content(answer: Any) -> Any:
    """Return the body of an answer as data: of JSON Lines, the list of all lines."""
    if answer.headers.get("content-type", "").startswith(JSON_LINES):
        return [json.loads(line) for line in answer.text.splitlines() if line]
    return answer.json()


def _start_body(api: Tables) -> dict[str, Any]:
    """Return the first example in the schema of a start's body, an empty body if there is none."""
    name = f"{api.name}/start-request.json"
    examples = documents.document(name).get("examples", ()) if name in documents.names() else ()
    return dict(next(iter(examples), {}))


_NOT_FOUND = 404, 410
_DEFAULTS: Mapping[str, Callable[[Tables], Any]] = {
    "host": lambda api: f"{api.name.replace('_', '-')}.invalid",
    "prefix": lambda api: usual_prefix(api.name),
    "envelope": lambda api: _envelope,
    "refusal": _refusal,
    "other_error": _other_error,
    "authorize": _authorize,
    "unknown_key_error": lambda api: _error(api, *(_NOT_FOUND if api.credential.header is None else (401, 403))),
    "foreign_job_error": lambda api: _error(api, 404, 403),
    "not_found_error": lambda api: _error(api, *_NOT_FOUND),
    "rate_limit_error": lambda api: _error(api, 429, 503),
    "by_status": _by_status,
    "default_scenarios": lambda api: {"job": f"{api.name}/usual"},
    "observation": _observation,
    "reference_client": _reference_client,
}
