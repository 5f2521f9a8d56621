"""Strategies for answers that break the contract in exactly one place, each with a description of the break."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .. import json_pointer
from ..contract import body_validation, documents
from ..contract.violation import Violation
from ..dialect.api import Api
from ..pretty_printing import PrettyPrinted
from .answers import answering_statuses, error_responses, responses, sample_responses
from .arguments import allowed_name, allowed_names, load_api
from .probe import Response
from .vocabulary import operation_names, operations_named

_MAX_TRIES = 8
_MAX_CHOICE = 999
BrokenBody = tuple[str, Any]
"""The JSON Pointer at which a body should break the contract, and that body."""
BodyChanges = Callable[[Api, str, Any], Iterator[BrokenBody]]
"""A function of API, document and body that yields bodies with one change each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(PrettyPrinted):
    """One break of the contract: its kind (one of BREACHES), its JSON Pointer, and the validator's message."""

    kind: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffContract(PrettyPrinted):
    """An answer with the one break that it has; `document` is the schema that it should obey."""

    response: Response
    breach: Breach
    document: str


def off_contract_responses(
    api: str, *, operation: str = "status", kinds: Collection[str] | None = None, errors: bool = False
) -> SearchStrategy[OffContract]:
    """Return answers of the API with one change, which the validator reports as one violation.

    `kinds` selects some of BREACHES. With `errors`, error answers are broken too; so they are where an operation has no
    other answers with a body. Raises UsageError, also for a kind that fits no answer of the operation.
    """
    known = load_api(api)
    name = allowed_name("operation", operation, operation_names(known))
    replies = _documents_by_status(known, name)
    accepted = bool(answering_statuses(known, name)) and any(status < 400 for status in replies)
    refused = errors or not accepted
    wanted = allowed_names("kinds", kinds, BREACHES)
    if kinds is not None:
        fitting = [kind for kind in BREACHES if kind not in wanted or _can_break(known, name, kind, refused)]
        allowed_names("kinds", kinds, fitting)
    good = error_responses(api, operation=name) if refused else st.nothing()
    if accepted:
        answers = responses(api, operation=name, max_results=2, max_steps=2)
        good = answers.filter(lambda response: response.status in replies) | good
    drawn: SearchStrategy[Any] = st.builds(
        lambda response, order, choice: _break_response(known, replies[response.status], response, order, choice),
        good, st.sampled_from([(*wanted[n:], *wanted[:n]) for n in range(len(wanted))]), st.integers(0, _MAX_CHOICE),
    )  # fmt: skip
    return drawn.filter(bool)


def _documents_by_status(api: Api, operation: str) -> Mapping[int, str]:
    """Return the schema document of each HTTP status of an operation whose answers have a body."""
    replies = operations_named(api, operation)[0].replies
    return {status: f"{api.name}/{document}" for status, document in replies.items() if document is not None}


@cache
def _can_break(api: Api, operation: str, kind: str, errors: bool) -> bool:
    """Return whether some answer of an operation can be broken in this way; samples are tried."""
    replies = _documents_by_status(api, operation)
    return any(
        _break_response(api, replies[response.status], response, (kind,), 0)
        for response in sample_responses(api, operation)
        if response.status in replies and (errors or response.status < 400)
    )


def _break_response(
    api: Api, document: str, response: Response, kinds: Sequence[str], choice: int
) -> OffContract | None:
    """Return the answer, broken in the first of these ways that works; None where none does."""
    body = response.json()
    for kind in kinds:
        places = [place for place in _CHANGES_BY_KIND[kind](api, document, body) if response.can_have(place[1])]
        start = choice % len(places) if places else 0
        for pointer, changed in islice(places[start:] + places[:start], _MAX_TRIES):
            found = _breaking_violations(document, orjson.dumps(changed))
            if [violation.pointer for violation in found] == [pointer]:
                breach = Breach(kind=kind, pointer=pointer, message=found[0].message)
                return OffContract(response=response.with_data(changed), breach=breach, document=document)
    return None


@lru_cache(maxsize=4096)
def _breaking_violations(document: str, raw: bytes) -> tuple[Violation, ...]:
    found = body_validation.violations(document, orjson.loads(raw))
    return tuple(violation for violation in found if violation.kind == "breaking")


def _values_with_pointers(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value in a body with its pointer, the outer ones first."""
    layer = [(pointer, value)]
    while layer:
        yield from layer
        layer = [
            (f"{place}/{json_pointer.escape(key)}", inner)
            for place, outer in layer
            for key, inner in _children(outer)
        ]


def _children(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _replace_at(body: Any, pointer: str, other: Any) -> Any:
    """Return a copy of a body with another value at a JSON Pointer."""
    if not pointer:
        return other
    first, _, rest = pointer[1:].partition("/")
    key: Any = int(first) if isinstance(body, list) else json_pointer.unescape(first)
    inner = _replace_at(body[key], f"/{rest}" if rest else "", other)
    copy = body.copy()
    copy[key] = inner
    return copy


def _remove_member(api: Api, document: str, body: Any) -> Iterator[BrokenBody]:
    for pointer, value in _values_with_pointers(body):
        for name in value if isinstance(value, dict) else ():
            yield pointer, _replace_at(body, pointer, {key: inner for key, inner in value.items() if key != name})


def _add_forbidden_member(api: Api, document: str, body: Any) -> Iterator[BrokenBody]:
    """Add a member that the schema of the body's status forbids."""
    name = f"{document.removesuffix('.json')}-{api.status_in(body)}.json"
    listed = documents.document(name)["properties"] if name in documents.names() else {}
    for member, schema in listed.items():
        if schema.get("not") == {}:
            yield f"/{member}", {**body, member: "unexpected"}


def _use_unknown_status(api: Api, document: str, body: Any) -> Iterator[BrokenBody]:
    status = api.status_in(body)
    for word in (f"un{status}", f"{status}".swapcase(), "") if status in api.transitions else ():
        pointer = json_pointer.join(api.status_path)
        yield pointer, _replace_at(body, pointer, word)


def _use_unknown_word(api: Api, document: str, body: Any) -> Iterator[BrokenBody]:
    for pointer, value in _values_with_pointers(body):
        if isinstance(value, str) and not (pointer == json_pointer.join(api.status_path) and value in api.transitions):
            yield pointer, _replace_at(body, pointer, "unknown")


def _replace_by_type(kinds: Mapping[type, Sequence[Any]]) -> BodyChanges:
    """Return changes that replace each value of these types, one at a time."""

    def replaced(api: Api, document: str, body: Any) -> Iterator[BrokenBody]:
        for pointer, value in _values_with_pointers(body):
            for other in kinds.get(type(value), ()):
                yield pointer, _replace_at(body, pointer, other)

    return replaced


_OTHER_TYPES: Mapping[type, Sequence[Any]] = {
    str: (7, ["7"]), int: ("7",), float: ("7.0",), bool: ("yes",), list: ({},), dict: ([], "{}"),
}  # fmt: skip
_CHANGES_BY_KIND: Mapping[str, BodyChanges] = {
    "missing": _remove_member,
    "unknown-status": _use_unknown_status,
    "type": _replace_by_type(_OTHER_TYPES),
    "negative": _replace_by_type({int: (-1,), float: (-1.0,)}),
    "null": _replace_by_type(dict.fromkeys(_OTHER_TYPES, (None,))),
    "unknown-word": _use_unknown_word,
    "forbidden": _add_forbidden_member,
    "fraction": _replace_by_type({int: (0.5,)}),
}
BREACHES = tuple(_CHANGES_BY_KIND)
"""The ways to break an answer: a member is removed, has an unknown status or word, another type, a negative number,
null, a fraction, or is forbidden there."""
