"""One violation → the change that accepts it, where one follows from it mechanically."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...contract import documents
from ..messages import is_word
from ..violation import LiveViolation
from .json_patch import Operation

_DESCRIPTION = "Seen in live traffic; no document of the vendor has it yet."

BY_HAND = {
    "code-undocumented": "Which body comes with the code has to be decided: see `replies` in apis/.",
    "body-not-json": "No schema can accept what isn't JSON.",
    "content-type-other": "Headers are in no schema.",
    "content-type-form": "Headers are in no schema; a baseline can accept it.",
    "byte-order-mark": "It is in no schema; a baseline can accept it.",
    "number-form": "JSON Schema doesn't tell the two forms apart; a baseline can accept it.",
    "job-other": "An answer about another job is a fault, not a change of the contract.",
    "transition-illegal": "The order of statuses is in `transitions` in apis/, not in a schema.",
    "counter-back": "That a counter never goes back is in `counters` in apis/, not in a schema.",
    "results-shrink": "No schema speaks of two answers.",
    "page-arithmetic": "How pages are reckoned is in no schema.",
    "page-length": "How pages are reckoned is in no schema.",
    "page-total-changed": "No schema speaks of two answers.",
    "page-overlap": "No schema speaks of two answers.",
    "member-refused": "A document refuses the member on purpose: whether that still holds has to be decided.",
    "value-refused": "Which bound holds now can't be told from values outside the old one.",
}
"""Why a violation of a rule has no patch."""
UNPLACED = "No single place in the schemas rules it, or it looks like no name and no word."
"""Why one of another rule has none."""


class Change(NamedTuple):
    """One change: of a document, of the keyword at a pointer in it, by a value."""

    document: str
    pointer: str
    kind: str
    value: Any


def proposed(violation: LiveViolation) -> list[Change]:
    """Return the changes that accept a violation; none where that needs judgement."""
    change = _CHANGES.get(violation.rule)
    if change is None:
        return []
    found = (change(violation, *place.split("#", 1)) for place in violation.places)
    return [one for one in found if one is not None]


def merged(changes: Iterable[Change]) -> dict[str, list[Operation]]:
    """Return the patch of each document; changes of one keyword become one, after a test of what is there now."""
    places: dict[tuple[str, str, str], list[Any]] = {}
    for document, pointer, kind, value in changes:
        values = places.setdefault((document, pointer, kind), [])
        if value not in values:
            values.append(value)
    patches: dict[str, list[Operation]] = {}
    for (document, pointer, kind), values in sorted(places.items(), key=lambda item: item[0]):
        before = documents.at(document, pointer.split("/")[1:])
        patches.setdefault(document, []).extend(_KINDS[kind](pointer, before, values))
    return patches


def _member(violation: LiveViolation, document: str, pointer: str) -> Change | None:
    """Propose a member; one whose name looks like none, and may be somebody's, can't be listed."""
    name = violation.pointer.rpartition("/")[2]
    return Change(document, pointer, "member", (name, violation.found)) if is_word(name) else None


def _word(violation: LiveViolation, document: str, pointer: str) -> Change | None:
    """Propose a word for a list; what is no word, or is the only value allowed, can't be listed."""
    listed = documents.at(document, pointer.split("/")[1:])
    of_words = isinstance(listed, list) and isinstance(listed[0], str)
    return Change(document, pointer, "word", violation.found) if of_words and is_word(violation.found) else None


def _type(violation: LiveViolation, document: str, pointer: str) -> Change:
    return Change(document, pointer, "type", violation.found)


def _optional(violation: LiveViolation, document: str, pointer: str) -> Change:
    name = violation.at.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return Change(document, pointer, "optional", name)


_CHANGES: Mapping[str, Callable[[LiveViolation, str, str], Change | None]] = {
    "member-new": _member, "value-new": _word, "value-unknown": _word, "status-unknown": _word,
    "type-changed": _type, "member-missing": _optional,
}  # fmt: skip


def _added_members(pointer: str, before: Any, values: Sequence[Any]) -> list[Operation]:
    types: dict[str, list[str]] = {}
    for name, kind in values:
        types.setdefault(name, []).append(kind)
    return [
        {"op": "add", "path": f"{pointer}/{name}", "value": {"description": _DESCRIPTION, "type": _one_or_many(kinds)}}
        for name, kinds in types.items()
    ]


def _added_words(pointer: str, before: Any, values: Sequence[Any]) -> list[Operation]:
    return [{"op": "add", "path": f"{pointer}/-", "value": value} for value in values]


def _widened(pointer: str, before: Any, values: Sequence[Any]) -> list[Operation]:
    kinds = [before] if isinstance(before, str) else list(before)
    kinds += [kind for kind in values if kind not in kinds]
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "integer"]
    test = {"op": "test", "path": pointer, "value": before}
    return [test, {"op": "replace", "path": pointer, "value": _one_or_many(kinds)}]


def _no_longer_required(pointer: str, before: Any, values: Sequence[Any]) -> list[Operation]:
    """Take names out of the list, the last first, so that the numbers of the others hold."""
    operations: list[Operation] = []
    for index in sorted((before.index(name) for name in values), reverse=True):
        path = f"{pointer}/{index}"
        operations += [{"op": "test", "path": path, "value": before[index]}, {"op": "remove", "path": path}]
    return operations


def _one_or_many(kinds: Sequence[str]) -> Any:
    return kinds[0] if len(kinds) == 1 else list(kinds)


_KINDS: Mapping[str, Callable[[str, Any, Sequence[Any]], list[Operation]]] = {
    "member": _added_members, "word": _added_words, "type": _widened, "optional": _no_longer_required,
}  # fmt: skip
