"""Answers that leave the contract in exactly one place, each with a tag that says what it breaks and where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..contract import bodies, documents
from ..dialect.api import Api
from ..models import Violation
from ..printing import Printed
from .answers import answering, error_responses, responses, samples
from .arguments import api_named, one, several
from .probe import Response
from .vocabulary import called, operations

_TRIES = 8
_CHOICES = 999
Broken = tuple[str, Any]
"""The JSON Pointer at which a body should break the contract, and that body."""
Changes = Callable[[Api, str, Any], Iterator[Broken]]
"""API, document, body → bodies with one change each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(Printed):
    """What an answer breaks: the kind, of BREACHES, the JSON Pointer, and the words of the contract's judge."""

    kind: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffContract(Printed):
    """An answer, and the one thing in which it leaves the contract; `document` is what it should obey."""

    response: Response
    breach: Breach
    document: str


def off_contract_responses(
    api: str, *, operation: str = "status", kinds: Collection[str] | None = None, errors: bool = False
) -> SearchStrategy[OffContract]:
    """Return answers that the API would give but for one change, which the contract's judge sees as one violation.

    `kinds` selects, of BREACHES; with `errors` the API's refusals are broken too, as they are where an operation has no
    other answers. Raises UsageError, also for a kind that fits no answer of the operation.
    """
    known = api_named(api)
    name = one("operation", operation, operations(known))
    refused = errors or not answering(known, name)
    wanted = several("kinds", kinds, BREACHES)
    if kinds is not None:
        fitting = [kind for kind in BREACHES if kind not in wanted or _possible(known, name, kind, refused)]
        several("kinds", kinds, fitting)
    good = error_responses(api, operation=name) if refused else st.nothing()
    if answering(known, name):
        good = responses(api, operation=name, max_results=2, max_steps=2) | good
    replies = _replies(known, name)
    drawn: SearchStrategy[Any] = st.builds(
        lambda response, order, choice: _broken(known, replies[response.status], response, order, choice),
        good, st.sampled_from([(*wanted[n:], *wanted[:n]) for n in range(len(wanted))]), st.integers(0, _CHOICES),
    )  # fmt: skip
    return drawn.filter(bool)


def _replies(api: Api, operation: str) -> Mapping[int, str]:
    """Return the document of each HTTP status of an operation."""
    return {status: f"{api.name}/{document}" for status, document in called(api, operation)[0].replies.items()}


@cache
def _possible(api: Api, operation: str, kind: str, errors: bool) -> bool:
    """Say whether some answer of an operation can be broken so; samples are tried."""
    replies = _replies(api, operation)
    return any(
        _broken(api, replies[response.status], response, (kind,), 0)
        for response in samples(api, operation)
        if errors or response.status < 400
    )


def _broken(api: Api, document: str, response: Response, kinds: Sequence[str], choice: int) -> OffContract | None:
    """Break an answer in the first of these ways that works; None where none does."""
    body = response.json()
    for kind in kinds:
        places = list(_KINDS[kind](api, document, body))
        start = choice % len(places) if places else 0
        for pointer, changed in islice(places[start:] + places[:start], _TRIES):
            raw = orjson.dumps(changed)
            found = _breaking(document, raw)
            if [violation.pointer for violation in found] == [pointer]:
                breach = Breach(kind=kind, pointer=pointer, message=found[0].message)
                headers = {**response.headers, "content-length": str(len(raw))}
                answer = Response(status=response.status, headers=headers, body=raw)
                return OffContract(response=answer, breach=breach, document=document)
    return None


@lru_cache(maxsize=4096)
def _breaking(document: str, raw: bytes) -> tuple[Violation, ...]:
    found = bodies.violations(document, orjson.loads(raw))
    return tuple(violation for violation in found if violation.kind == "breaking")


def _walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value in a body with its pointer, the outer ones first."""
    layer = [(pointer, value)]
    while layer:
        yield from layer
        layer = [
            (f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}", inner)
            for place, outer in layer
            for key, inner in _items(outer)
        ]


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _changed(body: Any, pointer: str, other: Any) -> Any:
    """Return a copy of a body in which another value stands at a pointer."""
    if not pointer:
        return other
    first, _, rest = pointer[1:].partition("/")
    key: Any = int(first) if isinstance(body, list) else first.replace("~1", "/").replace("~0", "~")
    inner = _changed(body[key], f"/{rest}" if rest else "", other)
    copy = body.copy()
    copy[key] = inner
    return copy


def _missing(api: Api, document: str, body: Any) -> Iterator[Broken]:
    for pointer, value in _walk(body):
        for name in value if isinstance(value, dict) else ():
            yield pointer, _changed(body, pointer, {key: inner for key, inner in value.items() if key != name})


def _forbidden(api: Api, document: str, body: Any) -> Iterator[Broken]:
    """Add a member that the document of the body's status refuses."""
    name = f"{document.removesuffix('.json')}-{body.get('status')}.json"
    listed = documents.document(name)["properties"] if name in documents.names() else {}
    for member, schema in listed.items():
        if schema.get("not") == {}:
            yield f"/{member}", {**body, member: "unexpected"}


def _unknown_status(api: Api, document: str, body: Any) -> Iterator[Broken]:
    for word in ("paused", "COMPLETED", "done", "") if body.get("status") in api.transitions else ():
        yield "/status", {**body, "status": word}


def _unknown_word(api: Api, document: str, body: Any) -> Iterator[Broken]:
    for pointer, value in _walk(body):
        if isinstance(value, str) and not (pointer == "/status" and value in api.transitions):
            yield pointer, _changed(body, pointer, "unknown")


def _replaced(kinds: Mapping[type, Sequence[Any]]) -> Changes:
    """Return what puts another value in the place of each value of these types."""

    def replaced(api: Api, document: str, body: Any) -> Iterator[Broken]:
        for pointer, value in _walk(body):
            for other in kinds.get(type(value), ()):
                yield pointer, _changed(body, pointer, other)

    return replaced


_OTHERS: Mapping[type, Sequence[Any]] = {
    str: (7, ["7"]), int: ("7",), float: ("7.0",), bool: ("yes",), list: ({},), dict: ([], "{}"),
}  # fmt: skip
_KINDS: Mapping[str, Changes] = {
    "missing": _missing,
    "unknown-status": _unknown_status,
    "type": _replaced(_OTHERS),
    "negative": _replaced({int: (-1,), float: (-1.0,)}),
    "null": _replaced(dict.fromkeys(_OTHERS, (None,))),
    "unknown-word": _unknown_word,
    "forbidden": _forbidden,
    "fraction": _replaced({int: (0.5,)}),
}
BREACHES = tuple(_KINDS)
"""How an answer leaves the contract: a member is gone, has an unknown status or word, another type, is below 0, null,
not whole, or shouldn't be there."""
