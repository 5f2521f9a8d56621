"""The changes of schemas that accept a violation, if they follow from it without a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ... import json_pointer
from ...contract import documents
from ..messages import is_word
from ..violation import LiveViolation
from .json_patch import PatchOperation

_DESCRIPTION = "Seen in live traffic; no document of the vendor has it yet."

BY_HAND = {
    "code-undocumented": "Which body comes with the code has to be decided. It is in no schema.",
    "body-not-json": "No schema can accept what isn't JSON.",
    "content-type-other": "Headers are in no schema.",
    "content-type-form": "Headers are in no schema; a baseline can accept it.",
    "byte-order-mark": "It is in no schema; a baseline can accept it.",
    "number-form": "JSON Schema treats both forms alike; a baseline can accept it.",
    "job-other": "An answer about another job is a fault, not a change of the contract.",
    "transition-illegal": "The order of statuses is in no schema.",
    "counter-back": "That a counter never goes back is in no schema.",
    "results-shrink": "A schema describes a single answer.",
    "page-arithmetic": "The arithmetic of pages is in no schema.",
    "page-length": "The arithmetic of pages is in no schema.",
    "page-total-changed": "A schema describes a single answer.",
    "page-overlap": "A schema describes a single answer.",
    "page-changed": "A schema describes a single answer.",
    "member-refused": "A document refuses the member on purpose: whether that still holds has to be decided.",
    "value-refused": "Values outside the old bound don't show what the new bound is.",
}
"""Why a violation has no patch, by its rule."""
NO_PLACE = "The schemas have no single place for it, or it doesn't look like a member's name or a word."
"""Why a violation of any other rule has no patch."""


class SchemaChange(NamedTuple):
    """One change of a document: at the keyword at `pointer`, of the kind `member`, `word`, `type` or `optional`."""

    document: str
    pointer: str
    kind: str
    value: Any


def propose_changes(violation: LiveViolation) -> list[SchemaChange]:
    """Return the changes that accept a violation; none if a person has to decide."""
    change = _CHANGE_FOR_RULE.get(violation.rule)
    if change is None:
        return []
    found = (change(violation, *place.split("#", 1)) for place in violation.places)
    return [one for one in found if one is not None]


def merge_changes(changes: Iterable[SchemaChange]) -> dict[str, list[PatchOperation]]:
    """Return the patch of each document. All changes of one keyword become one operation, after a test of its value."""
    places: dict[tuple[str, str, str], list[Any]] = {}
    for document, pointer, kind, value in changes:
        values = places.setdefault((document, pointer, kind), [])
        if value not in values:
            values.append(value)
    patches: dict[str, list[PatchOperation]] = {}
    for (document, pointer, kind), values in sorted(places.items(), key=lambda item: item[0]):
        before = documents.at(document, pointer)
        patches.setdefault(document, []).extend(_OPERATIONS[kind](pointer, before, values))
    return patches


def _list_member(violation: LiveViolation, document: str, pointer: str) -> SchemaChange | None:
    """Propose to list a member, unless its name doesn't look like one: it may be a person's."""
    name = violation.pointer.rpartition("/")[2]
    return SchemaChange(document, pointer, "member", (name, violation.found)) if is_word(name) else None


def _list_word(violation: LiveViolation, document: str, pointer: str) -> SchemaChange | None:
    """Propose to add a word to a list, unless the value is no word or there is no list of words."""
    listed = documents.at(document, pointer)
    of_words = isinstance(listed, list) and isinstance(listed[0], str)
    return SchemaChange(document, pointer, "word", violation.found) if of_words and is_word(violation.found) else None


def _allow_type(violation: LiveViolation, document: str, pointer: str) -> SchemaChange:
    return SchemaChange(document, pointer, "type", violation.found)


def _make_optional(violation: LiveViolation, document: str, pointer: str) -> SchemaChange:
    name = json_pointer.split(violation.at)[-1]
    return SchemaChange(document, pointer, "optional", name)


_CHANGE_FOR_RULE: Mapping[str, Callable[[LiveViolation, str, str], SchemaChange | None]] = {
    "member-new": _list_member, "value-new": _list_word, "value-unknown": _list_word, "status-unknown": _list_word,
    "type-changed": _allow_type, "member-missing": _make_optional,
}  # fmt: skip


def _add_members(pointer: str, before: Any, values: Sequence[Any]) -> list[PatchOperation]:
    types: dict[str, list[str]] = {}
    for name, kind in values:
        types.setdefault(name, []).append(kind)
    return [
        {"op": "add", "path": f"{pointer}/{name}", "value": {"description": _DESCRIPTION, "type": _one_or_many(kinds)}}
        for name, kinds in types.items()
    ]


def _add_words(pointer: str, before: Any, values: Sequence[Any]) -> list[PatchOperation]:
    return [{"op": "add", "path": f"{pointer}/-", "value": value} for value in values]


def _widen_type(pointer: str, before: Any, values: Sequence[Any]) -> list[PatchOperation]:
    kinds = [before] if isinstance(before, str) else list(before)
    kinds += [kind for kind in values if kind not in kinds]
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "integer"]
    test = {"op": "test", "path": pointer, "value": before}
    return [test, {"op": "replace", "path": pointer, "value": _one_or_many(kinds)}]


def _remove_required(pointer: str, before: Any, values: Sequence[Any]) -> list[PatchOperation]:
    """Remove names from the list, the last first, because each removal shifts the names after it."""
    operations: list[PatchOperation] = []
    for index in sorted((before.index(name) for name in values), reverse=True):
        path = f"{pointer}/{index}"
        operations += [{"op": "test", "path": path, "value": before[index]}, {"op": "remove", "path": path}]
    return operations


def _one_or_many(kinds: Sequence[str]) -> Any:
    return kinds[0] if len(kinds) == 1 else list(kinds)


_OPERATIONS: Mapping[str, Callable[[str, Any, Sequence[Any]], list[PatchOperation]]] = {
    "member": _add_members, "word": _add_words, "type": _widen_type, "optional": _remove_required,
}  # fmt: skip
