"""Brings about one cell of coverage at a time, with a scenario and a request of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.support import KEYS, Mock

from jobmock import apis
from jobmock.contract import documents
from jobmock.coverage import Cell
from jobmock.dialect.api import Api

Names = set[tuple[str, str]]
"""Group and name of cells."""
PARTS_MISSING: Mapping[str, Any] = {
    "clado": {"search_chunk_done": 1},
    "orbit": {"result": {"section_generation": {"sections_ready": False, "materialized_section_count": 0}}},
}
"""The members of a success that say that parts are missing, by API."""
_SAMPLES = {"drip": {"bytes": 100, "every": "50ms"}, "delay": "1s", "hang": True}
_FORMS = {"in seconds": 5, "as a date": {"date": 5}, "without": "absent"}
_DEFAULT_FORM = {"429": "in seconds", "503": "without"}
"""The form of a Retry-After that a refusal has by itself, by HTTP status."""
_OF_TYPE = {"object": {"other": "one"}, "array": ["another"], "integer": 100}
_PEOPLE = {"none": 0, "one": 3, "boundary": 25, "many": 26, "growing": 3}
_UNLISTED = "reranking"


class Recipe(NamedTuple):
    """What brings a cell about: a scenario, the request, and the cells that are then met, with that one."""

    scenario: Mapping[str, Any]
    met: Names
    operation: str = "status"
    query: str = ""


def recipe(cell: Cell) -> Recipe:
    """Return the recipe of a cell."""
    api = apis.load(cell.api)
    make = _GROUPS.get(cell.group, _answer)
    found = make(api, cell)
    return found._replace(scenario={"version": 1, "api": api.name, **found.scenario})


def bring_about(mock: Mock, cell: Cell) -> Names:
    """Bring a cell about, and return all that the recipe says."""
    found, api = recipe(cell), apis.load(cell.api)
    plan = mock.service.catalogue.resolve(found.scenario, cell.api)
    namespace = mock.namespace(cell.api)
    namespace.use(plan)
    job = mock.service.place(namespace, plan).id
    operation = next(one for one in api.operations if one.name == found.operation)
    path = operation.path.replace("{job}", job).replace("{profile}", "nobody")
    body: Any = {} if operation.method == "POST" else None
    mock.send(operation.method, path, key=KEYS[cell.api], query=found.query, body=body)
    return found.met


def _answer(api: Api, cell: Cell) -> Recipe:
    """Return the recipe of an answer: a status of the job, or a scripted refusal."""
    code, _, detail = cell.name.partition(" ")
    if cell.group == "status" and code == "200":
        return _poll(api, _UNLISTED if detail == "unlisted status" else detail)
    names = [name for name in api.errors if api.error_codes.get(name, name) == detail]
    return _refusal(cell.group, names[0] if names else {"status": int(code), "body": {}}, cell.name)


def _refusal(operation: str, respond: Any, name: str, form: str | None = None) -> Recipe:
    """Return the recipe of a scripted refusal with a name, and with a Retry-After in this form if one is given."""
    more = {} if form is None else {"retry_after": _FORMS[form]}
    fault = {"operation": operation, "when": {"request": 1}, "respond": respond, **more}
    met = {(operation, name)}
    if (status := name[:3]) in _DEFAULT_FORM:
        met.add(("Retry-After", f"{status} {form or _DEFAULT_FORM[status]}"))
    return Recipe({"progression": [{"status": "completed"}], "faults": [fault]}, met, operation)


def _poll(api: Api, status: str, **more: Any) -> Recipe:
    """Return the recipe of a poll of a job with this status."""
    violates = {"violates": ["schema"]} if status == _UNLISTED else {}
    met = {("status", "200 unlisted status" if violates else f"200 {status}")}
    if status in api.terminal:
        met.add(("endings", status))
    return Recipe({"progression": [{"status": status, **violates, **more}]}, met)


def _begun(api: Api) -> str:
    """Return a status of a job that is still at work."""
    return next(status for status in api.transitions if status not in api.terminal)


def _fault(api: Api, cell: Cell) -> Recipe:
    kind, _, value = cell.name.partition(" ")
    fault = {"when": {"request": 1}, kind: value or _SAMPLES[kind]}
    poll = _poll(api, _begun(api))
    met = poll.met if kind in ("drip", "delay") else set()
    return Recipe({**poll.scenario, "faults": [fault]}, {(cell.group, cell.name), *met})


def _pages(api: Api, cell: Cell) -> Recipe:
    shows = (status for status, shown in api.shows.items() if status not in api.terminal and shown != "nobody")
    growing = cell.name == "growing"
    poll = _poll(api, next(shows), results=3) if growing else _poll(api, "completed")
    met = {(cell.group, cell.name), *poll.met, *({("pages", "one")} if cell.name == "boundary" else ())}
    assert api.paging
    scenario = {**poll.scenario, "results": {"count": _PEOPLE[cell.name]}}
    return Recipe(scenario, met, query=f"{api.paging.page}=1")


def _retry_after(api: Api, cell: Cell) -> Recipe:
    code, _, form = cell.name.partition(" ")
    name = next(name for name, (status, _) in api.errors.items() if status == int(code))
    return _refusal("status", name, f"{code} {api.error_codes.get(name, name)}", form)


def _switch(api: Api, cell: Cell) -> Recipe:
    name, _, value = cell.name.partition("=")
    schema = documents.definitions(api.name)["switches"]["properties"][name]
    kinds = schema.get("type", "string")
    chosen: Any = next(_OF_TYPE[kind] for kind in _OF_TYPE if kind in kinds) if value == "…" else value
    if kinds == "boolean":
        chosen = value == "true"
    poll = _poll(api, _begun(api))
    return Recipe({**poll.scenario, "switches": {name: chosen}}, {(cell.group, cell.name), *poll.met})


def _ending(api: Api, cell: Cell) -> Recipe:
    if cell.name == "gone":
        code = api.error_codes.get(api.not_found_error, api.not_found_error)
        met = {("endings", "gone"), ("status", f"404 {code}")}
        return Recipe({"progression": [{"status": "not_found"}]}, met)
    status, _, missing = cell.name.partition(", ")
    poll = _poll(api, status, **({"body": PARTS_MISSING[api.name]} if missing else {}))
    return poll._replace(met={(cell.group, cell.name), *poll.met})


_GROUPS: Mapping[str, Callable[[Api, Cell], Recipe]] = {
    "faults": _fault, "pages": _pages, "Retry-After": _retry_after, "switches": _switch, "endings": _ending,
}  # fmt: skip
