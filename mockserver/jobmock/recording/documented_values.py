"""What the documents list at each place of a body, and therefore what of a recorded body may be kept.

Listed members are kept; of others only the shape, under another name. Of the values, these are kept: true, false and
null; numbers below 10^9 (a larger one may be a time, an id or a telephone number); words that a document lists. Every
other value becomes a HiddenValue.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from ..contract import documents
from ..contract.listed_members import At, flat
from .hidden_values import HiddenValue
from .replaced_names import ReplacedNames
from .synthetic_shapes import hidden_number, shape_of

_NUMBER_LIMIT = 10**9
_MOST = _NUMBER_LIMIT - 1
"""In place of a larger number of a counter, which stays above the others."""


class DocumentedValue:
    """One place of a body, with all schemas that may apply there."""

    def __init__(self, schemas: list[At]) -> None:
        self._schemas = [part for schema in schemas for part in flat(schema)]
        self._members: dict[str, DocumentedValue] = {}

    def sanitize(self, value: Any, names: ReplacedNames) -> Any:
        """Return what may be kept of a value."""
        if isinstance(value, Mapping):
            return dict(self._sanitize_members(value, names))
        if isinstance(value, list):
            return self._sanitize_list(value, names)
        if value is None or isinstance(value, bool):
            return value
        return self._sanitize_text(value, names) if isinstance(value, str) else self._sanitize_number(value)

    def _sanitize_members(self, value: Mapping[str, Any], names: ReplacedNames) -> Iterator[tuple[str, Any]]:
        for key, inner in value.items():
            if key in self._member_schemas:
                yield key, self._member(key).sanitize(inner, names)
            elif self._is_closed:
                yield names.member(key), shape_of(inner, names)

    def _sanitize_list(self, items: list[Any], names: ReplacedNames) -> Any:
        """Keep a list of listed words and numbers; of any other list, keep only its length.

        What the documents list decides, and not what is in the list: a list of nulls equals no list of people.
        """
        if not self._items.is_listed:
            return HiddenValue("rows", len(items))
        return [self._items.sanitize(item, names) for item in items]

    def _sanitize_text(self, text: str, names: ReplacedNames) -> Any:
        if not self._words:
            return HiddenValue("text")
        return text if text in self._words else names.word(text)

    def _sanitize_number(self, number: float) -> Any:
        small = math.isfinite(number) and abs(number) < _NUMBER_LIMIT
        if small and self._types & {"integer", "number"}:
            return number
        if self._types & {"integer"} and number == number // 1:
            return _MOST if number > 0 else -_MOST
        return HiddenValue("number") if "number" in self._types else hidden_number(number)

    def _member(self, key: str) -> DocumentedValue:
        if key not in self._members:
            self._members[key] = DocumentedValue(self._member_schemas[key])
        return self._members[key]

    @cached_property
    def is_listed(self) -> bool:
        """Whether the documents have listed words or numbers here."""
        return bool(self._words or self._types & {"integer", "number"})

    @cached_property
    def _member_schemas(self) -> dict[str, list[At]]:
        schemas: dict[str, list[At]] = {}
        for at in self._schemas:
            for key, schema in at.schema.get("properties", {}).items():
                schemas.setdefault(key, []).append(at.inner(schema))
        return schemas

    @cached_property
    def _items(self) -> DocumentedValue:
        items = [at.inner(at.schema["items"]) for at in self._schemas if "items" in at.schema]
        examples = [at.inner({"examples": at.schema["examples"]}) for at in self._schemas if "examples" in at.schema]
        return DocumentedValue(items + examples)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for at in self._schemas for word in listed_words(at.schema))

    @cached_property
    def _types(self) -> frozenset[str]:
        """The types that the documents have here."""
        types = (at.schema.get("type", ()) for at in self._schemas)
        return frozenset(name for named in types for name in ([named] if isinstance(named, str) else named))

    @cached_property
    def _is_closed(self) -> bool:
        """Whether the documents list the members here, so that any other one is new."""
        is_map = any("additionalProperties" in at.schema for at in self._schemas)
        return not is_map and any("properties" in at.schema for at in self._schemas)


def listed_words(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words that a schema lists: in `const`, `enum` or `examples`."""
    for entry in (schema.get("const"), *schema.get("enum", ()), *schema.get("examples", ())):
        yield from (text for text in (entry if isinstance(entry, list) else [entry]) if isinstance(text, str))


@cache
def documented_body(document: str) -> DocumentedValue:
    """Return the root of the body that a document describes. Raises NoSuchDocument."""
    return DocumentedValue([At(document, documents.document(document))])
