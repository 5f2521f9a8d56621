"""What the documents list at each place of a body, and what may therefore be known of it.

Only listed members are kept, and of those: true, false and null; numbers below a thousand million (a larger one may be
a time, an id or a telephone number); words that a document lists. Everything else becomes `Hidden`: that something was
there is known, but not what.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ..contract import documents
from ..contract.listed import At, flat

_BOUND = 10**9
Word = Callable[[str], str]
"""Gives a word that no document lists, in the place of one that it lists, the name under which it may be known."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something that is kept back: `text`, a `number`, or a list of so many `rows`."""

    kind: str
    count: int = 0


class Place:
    """One place of a body, and the schemas that may apply to what stands there."""

    def __init__(self, schemas: list[At]) -> None:
        self._applied = [part for schema in schemas for part in flat(schema)]
        self._members: dict[str, Place] = {}

    def keep(self, value: Any, word: Word) -> Any:
        """Return what may be known of a value."""
        if isinstance(value, Mapping):
            return {key: self._member(key).keep(inner, word) for key, inner in value.items() if key in self._listing}
        if isinstance(value, list):
            return self._row(value, word)
        if value is None or isinstance(value, bool):
            return value
        return self._text(value, word) if isinstance(value, str) else self._number(value)

    def _row(self, value: list[Any], word: Word) -> Any:
        """Return a list of words and numbers; a list of anything else is so many rows, and not looked into."""
        if any(isinstance(item, (Mapping, list)) for item in value):
            return Hidden("rows", len(value))
        kept = [self._items.keep(item, word) for item in value]
        return Hidden("rows", len(value)) if any(isinstance(item, Hidden) for item in kept) else kept

    def _text(self, value: str, word: Word) -> Any:
        if not self._words:
            return Hidden("text")
        return value if value in self._words else word(value)

    def _number(self, value: float) -> Any:
        small = math.isfinite(value) and abs(value) < _BOUND
        return value if small and self._counts else Hidden("number")

    def _member(self, key: str) -> Place:
        if key not in self._members:
            self._members[key] = Place(self._listing[key])
        return self._members[key]

    @cached_property
    def _listing(self) -> dict[str, list[At]]:
        listing: dict[str, list[At]] = {}
        for at in self._applied:
            for key, schema in at.schema.get("properties", {}).items():
                listing.setdefault(key, []).append(at.inner(schema))
        return listing

    @cached_property
    def _items(self) -> Place:
        items = [at.inner(at.schema["items"]) for at in self._applied if "items" in at.schema]
        examples = [at.inner({"examples": at.schema["examples"]}) for at in self._applied if "examples" in at.schema]
        return Place(items + examples)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(text for at in self._applied for text in _listed(at.schema))

    @cached_property
    def _counts(self) -> bool:
        """Whether some document has a number here."""
        types = (at.schema.get("type", ()) for at in self._applied)
        return any({"integer", "number"} & ({named} if isinstance(named, str) else set(named)) for named in types)


def _listed(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words that a schema lists, in whichever way."""
    for one in (schema.get("const"), *schema.get("enum", ()), *schema.get("examples", ())):
        yield from (text for text in (one if isinstance(one, list) else [one]) if isinstance(text, str))


@cache
def place(document: str) -> Place:
    """Return the outermost place of a body that a document describes. Raises NoSuchDocument."""
    return Place([At(document, documents.document(document))])
