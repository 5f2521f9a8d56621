"""What an API has that doesn't say it: the usual errors, bearer keys, and bodies with a list of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from ..contract import documents
from ..engine.headers import retry_headers
from ..engine.pagination import Paging
from .answers import Answer, Refused
from .credentials import Credential
from .observation import Observation, ObservedPeople
from .reference_client import ReferenceClient


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
    def reserved(self) -> Mapping[str, str]: ...

    @property
    def results(self) -> tuple[str, ...]: ...

    @property
    def paging(self) -> Paging | None: ...


class Call(Protocol):
    """A request as a refusal needs it."""

    @property
    def now(self) -> int: ...


def default(api: Tables, member: str) -> Any:
    """Return the default of a member. Raises ValueError if it is an error of which there is none."""
    return _DEFAULTS[member](api)


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


def _refusal(api: Tables) -> Callable[[Refused, Call], Answer]:
    def refusal(refused: Refused, call: Call) -> Answer:
        status, text = api.errors[refused.name]
        error = {"code": refused.name, "message": refused.text or text, **refused.members}
        return Answer(status, {"error": error}, retry_headers(refused.retry, call.now))

    return refusal


def _other_error(status: int, text: str, call: Call) -> Answer:
    return Answer(status, {"error": {"code": f"http_{status}", "message": text}})


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


def _observed(api: Tables, body: Mapping[str, Any]) -> ObservedPeople:
    """Return the results that a status body lists. It is read as a page if it says which one it is."""
    items, paging = _results(api, body), api.paging
    if items is None:
        return ObservedPeople(None)
    ids = tuple(map(_id, items)) if paging is None else tuple(map(paging.id_of, items))
    stated = body.get(paging.page_object) if paging else None
    total, page, size = (_number(stated, name) for name in ("total_results", "page", "page_size"))
    if page and size:
        return ObservedPeople(total, tuple(items), page, size, ids)
    return ObservedPeople(len(items), tuple(items), ids=ids)


def _number(stated: Any, name: str) -> int:
    """Return a number that the page states, 0 if it doesn't."""
    number = stated.get(name) if isinstance(stated, dict) else None
    return number if type(number) is int and number >= 0 else 0


def _results(api: Tables, body: Any) -> list[Any] | None:
    """Return the list of results in a status body, None if it has none."""
    for name in api.results:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, list) else None


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None


def _reference_client(api: Tables) -> Callable[[], ReferenceClient]:
    def collect(client: Any, path: str) -> tuple[int, int]:
        """Read a job's results, page by page if there are pages. Return the numbers of pages and of results."""
        paging, pages, count, more = api.paging, 0, 0, True
        while more:
            answer = client.get(path, params={paging.page: pages + 1} if paging else {})
            body = answer.json() if answer.is_success else {}
            found = _results(api, body) or []
            pages, count = pages + bool(paging and found), count + len(found)
            more = bool(paging and found) and body[paging.page_object]["has_next"] if paging else False
        return pages, count

    client = ReferenceClient(job_id="id", start=lambda run_shape: _start_body(api), more=None, collect=collect)
    return lambda: client


def _start_body(api: Tables) -> dict[str, Any]:
    """Return the first example in the schema of a start's body, an empty body if there is none."""
    name = f"{api.name}/start-request.json"
    examples = documents.document(name).get("examples", ()) if name in documents.names() else ()
    return dict(next(iter(examples), {}))


_DEFAULTS: Mapping[str, Callable[[Tables], Any]] = {
    "host": lambda api: f"{api.name.replace('_', '-')}.invalid",
    "prefix": lambda api: f"sk_{api.name}_",  # the name alone would cut variables such as NAME_BASE_URL in messages
    "refusal": _refusal,
    "other_error": lambda api: _other_error,
    "authorize": _authorize,
    "unknown_key_error": lambda api: _error(api, 401, 403),
    "foreign_job_error": lambda api: _error(api, 404, 403),
    "not_found_error": lambda api: _error(api, 404, 410),
    "rate_limit_error": lambda api: _error(api, 429, 503),
    "by_status": _by_status,
    "default_scenarios": lambda api: {"job": f"{api.name}/usual"},
    "observation": _observation,
    "reference_client": _reference_client,
}
