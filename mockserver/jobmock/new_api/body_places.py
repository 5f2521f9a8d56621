"""Finds the places of a body that have a meaning: the job's id, its status, its results, the text of an error."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .flat_schemas import Flattener
from .words import parts_of

Path = tuple[str, ...]
STATUS_NAMES = ("status", "state", "phase", "stage")
ID_NAMES = ("id", "job_id", "task_id", "run_id", "request_id", "operation_id", "uuid", "name")
RESULT_NAMES = ("results", "result", "items", "data", "outputs", "output", "records", "rows", "people", "files")
MESSAGE_NAMES = ("message", "detail", "title", "msg", "description", "error_description", "reason", "error")
CODE_NAMES = ("code", "type", "error", "reason", "status")
_HTTP_STATUS_NAMES = ("status", "code", "status_code", "http_status", "http_code")
_NO_MESSAGE_NAMES = (*CODE_NAMES, *ID_NAMES, "instance", "path", "url", "link", "help", "timestamp", "time")
_MAX_DEPTH, _MOST_MEMBERS = 3, 2_000


class Member(NamedTuple):
    """A member of a body: its path, and the schemas that it has in the branches of the body's schema."""

    path: Path
    schemas: list[Any]


def words_of(flattener: Flattener, member: Member) -> list[str]:
    """Return the words that a member may have, in order; none if it isn't limited to words."""
    words: dict[str, None] = {}
    for schema in member.schemas:
        for flat in flattener.flattened(schema):
            values = [flat["const"]] if "const" in flat else flat.get("enum", [])
            words |= dict.fromkeys(value for value in values if isinstance(value, str))
    return [*words]


def status_of(flattener: Flattener, body: Any) -> Member | None:
    """Return the member that is the status: the first with words, else the first text."""
    named = [*_named(flattener, body, STATUS_NAMES, _is_text(flattener))]
    return next((one for one in named if words_of(flattener, one)), named[0] if named else None)


def id_of(flattener: Flattener, body: Any, parameter: str = "") -> Member | None:
    """Return the member that is the id of the job. It may be called as the parameter of the path is."""
    def is_id(member: Member) -> bool:
        return bool({"string", "integer", None} & set(kinds(flattener, member))) and not words_of(flattener, member)

    names = (parameter, *ID_NAMES) if parameter else ID_NAMES
    return next(_named(flattener, body, names, is_id), None)


def free_member(flattener: Flattener, body: Any) -> Member | None:
    """Return the first member of a body that may be any text or any integer; None if there is none."""
    return next((
        one for one in members_of(flattener, body) if len(one.path) == 1 and not words_of(flattener, one)
        and kinds(flattener, one) in (["string"], ["integer"]) and not _has_format(flattener, one)
    ), None)  # fmt: skip


def _has_format(flattener: Flattener, member: Member) -> bool:
    return any("format" in flat for schema in member.schemas for flat in flattener.flattened(schema))


def results_of(flattener: Flattener, body: Any) -> Member | None:
    """Return the member that is the list of results."""
    return next(_named(flattener, body, RESULT_NAMES, lambda member: kinds(flattener, member)[:1] == ["array"]), None)


def text_of(flattener: Flattener, body: Any) -> Member | None:
    """Return the member that has the text of an error: one with a usual name, else any that may be one."""
    def is_free(member: Member) -> bool:
        return _is_text(flattener)(member) and not words_of(flattener, member)

    others = (
        one for one in members_of(flattener, body)
        if kinds(flattener, one) == ["string"] and is_free(one) and _rank(one, _NO_MESSAGE_NAMES) is None
    )  # fmt: skip
    return next(_named(flattener, body, MESSAGE_NAMES, is_free), None) or next(others, None)


def http_statuses_in(flattener: Flattener, body: Any) -> list[Path]:
    """Return the paths of the numbers in the body of an error that are its HTTP status."""
    return [
        one.path for one in members_of(flattener, body)
        if "_".join(parts_of(one.path[-1])) in _HTTP_STATUS_NAMES
        and {*kinds(flattener, one)} & {"integer", "number"}
    ]  # fmt: skip


def code_of(flattener: Flattener, body: Any) -> Member | None:
    """Return the member that has the code of an error: one that is limited to words, else a text called `code`."""
    named = [*_named(flattener, body, CODE_NAMES, _is_text(flattener))]
    limited = (one for one in named if words_of(flattener, one))
    return next(limited, next((one for one in named if one.path[-1] == CODE_NAMES[0]), None))


def lists_in(flattener: Flattener, body: Any) -> list[str]:
    """Return the places of all lists in a body, such as `data.rows`."""
    found = (one for one in members_of(flattener, body) if kinds(flattener, one)[:1] == ["array"])
    return [*dict.fromkeys(".".join(one.path) for one in found)]


def item_of(flattener: Flattener, member: Member) -> Any:
    """Return the schema of an item of a list."""
    found = [flat["items"] for schema in member.schemas for flat in flattener.flattened(schema) if "items" in flat]
    return found[0] if found else {}


def kinds(flattener: Flattener, member: Member) -> list[str | None]:
    """Return the types of a member but null, None for any type."""
    found = [flat.get("type") for schema in member.schemas for flat in flattener.flattened(schema)]
    flat_kinds = [kind for one in found for kind in (one if isinstance(one, list) else [one])]
    return [kind for kind in dict.fromkeys(flat_kinds) if kind != "null"]


def members_of(flattener: Flattener, body: Any) -> Iterator[Member]:
    """Yield the members of a body, also those inside others, the outer ones first."""
    waiting, seen = deque([Member((), [body])]), 0
    while waiting and seen < _MOST_MEMBERS:
        outer = waiting.popleft()
        for schema in outer.schemas:
            for name, schemas in flattener.members(schema).items():
                seen += 1
                member = Member((*outer.path, name), schemas)
                yield member
                if len(member.path) < _MAX_DEPTH:
                    waiting.append(member)


def _named(
    flattener: Flattener, body: Any, names: tuple[str, ...], fits: Callable[[Member], bool]
) -> Iterator[Member]:
    """Yield the members with one of these names, or one that ends with it: outer ones first, then by name."""
    found = [one for one in members_of(flattener, body) if _rank(one, names) is not None and fits(one)]
    yield from sorted(found, key=lambda one: (len(one.path), _rank(one, names)))


def _rank(member: Member, names: tuple[str, ...]) -> int | None:
    """Return how well the name of a member fits: the number of the name, and more for one that only ends with it."""
    parts = parts_of(member.path[-1])
    whole = "_".join(parts)
    if whole in names:
        return names.index(whole)
    return len(names) + names.index(parts[-1]) if parts and parts[-1] in names else None


def _is_text(flattener: Flattener) -> Callable[[Member], bool]:
    return lambda member: bool({"string", None} & set(kinds(flattener, member)))
