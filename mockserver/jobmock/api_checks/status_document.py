"""Checks the schema of a status body against the tables: the statuses that it lists, counters and pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract import documents
from ..contract.listed_members import At, flat
from ..engine.pagination import CURSOR, Page, Paging
from ..engine.progression import ABSENT
from ..errors import Problem
from .checked_api import CheckedApi, described, hint

_STATED = {*Page._fields, CURSOR} - {"start", "stop"}
"""What a page may state about itself."""


def check_status_documents(subject: CheckedApi) -> Iterator[Problem]:
    """Yield what the schemas of status bodies and the tables say differently."""
    names = _names(subject)
    if names and not any(_schemas_at(name, subject.api.status_path) for name in names):
        place = ".".join(subject.api.status_path)
        text = f"`status_path` is {place!r}, and no schema of a status body lists it: {', '.join(names)}."
        yield subject.at("status_path", message=text)
    yield from _statuses(subject, names)
    for path in subject.api.counters:
        if not any(_schemas_at(name, path) for name in names):
            text = f"`counters` has {'.'.join(path)!r}, and no schema of a status body lists it: {', '.join(names)}."
            yield subject.at("counters", message=text)
    if subject.api.paging is not None:
        yield from _pages(subject, subject.api.paging)


def _names(subject: CheckedApi, operation: str = "status") -> list[str]:
    """Return the documents of the bodies with which an operation succeeds, each once."""
    replies = [reply for _, one in subject.numbered(operation) for reply in one.replies.items()]
    return list(dict.fromkeys(subject.document(name) for status, name in replies if status < 400 and name is not None))


def _statuses(subject: CheckedApi, names: Sequence[str]) -> Iterator[Problem]:
    """Yield the statuses that only the tables have, or only the documents. An open list isn't judged."""
    places = {name: dict(_words(name, subject.api.status_path)) for name in names}
    if not names or not all(places.values()):
        return
    known, all_words = subject.api.transitions, {word for words in places.values() for word in words}
    for status in known:
        if status not in all_words:
            text = f"No schema of a status body lists the status {status!r} of `transitions`."
            yield subject.in_document(names[0], next(iter(places[names[0]].values())), text)
    for name, words in places.items():
        for word, pointer in words.items():
            if word not in known and word != ABSENT:
                text = f"The schema lists the status {word!r}, which isn't in `transitions`."
                allowed = f"Allowed: {', '.join(known)}.{hint(word, known)}"
                yield subject.in_document(name, pointer, f"{text} {allowed}")


def _words(name: str, path: Sequence[str]) -> Iterator[tuple[Any, str]]:
    """Yield each status that a document lists, and the place of the list: there is none for an open list."""
    pointer = "".join(f"/properties/{member}" for member in path)
    for part in (part for at in _schemas_at(name, path) for part in flat(at)):
        words = part.schema.get("enum", [part.schema["const"]] if "const" in part.schema else [])
        yield from ((word, pointer) for word in words)


def _pages(subject: CheckedApi, paging: Paging) -> Iterator[Problem]:
    """Yield the names in `paging` that no document and no operation has."""
    names = _names(subject, subject.api.results_operation)
    if paging.document is not None:
        names = [subject.document(paging.document)]
        if names[0] not in subject.documents():
            text = f"`paging` names the document {paging.document!r}, which isn't in schemas/."
            yield subject.at("paging", "document", message=text)
            return
    for member, path in paging.stated.items():
        if member not in _STATED:
            allowed = sorted(_STATED)
            text = f"`paging` has {member!r} in `stated`. Allowed: {', '.join(allowed)}.{hint(member, allowed)}"
            yield subject.at("paging", "stated", member, message=text)
        elif not any(_schemas_at(name, path) for name in names):
            text = f"`paging` has {'.'.join(path)!r} in `stated`, and no schema of a page lists it: {', '.join(names)}."
            yield subject.at("paging", "stated", member, message=text)
    for number, operation in subject.numbered(subject.api.results_operation):
        for name in (paging.page, paging.size):
            if name not in operation.parameters:
                text = f"{described(operation)} doesn't have the parameter {name!r} of `paging` in its `parameters`."
                yield subject.at("operations", number, "parameters", message=text)


def _schemas_at(name: str, path: Sequence[str]) -> list[At]:
    """Return the schemas that a document has for the member at a path; none if it doesn't list that."""
    ats = [At(name, documents.document(name))]
    for member in path:
        applied = [part for at in ats for part in flat(at)]
        ats = [part.inner(schema) for part in applied for schema in _of_member(part.schema, member)]
    return ats


def _of_member(schema: Mapping[str, Any], member: str) -> Iterator[Any]:
    """Yield what a schema says about a member: by its name, or about each member of a map."""
    if member in schema.get("properties", {}):
        yield schema["properties"][member]
    elif schema.get("additionalProperties"):
        yield schema["additionalProperties"]
