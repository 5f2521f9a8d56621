"""Finds schemas in their documents: the one a validator means, and the one in which something new would be listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from ..contract import documents
from .violation import LiveViolation


class _Place(NamedTuple):
    """A schema, by its document and its pointer in there."""

    document: str
    pointer: str
    schema: Any

    @property
    def text(self) -> str:
        """The place as reports and patches name it."""
        return f"{self.document}#{self.pointer}"

    def inner(self, *parts: str | int) -> _Place:
        schema: Any = self.schema
        for part in parts:
            schema = schema[part]
        escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
        return _Place(self.document, "/".join((self.pointer, *escaped)), schema)

    def holds(self, value: Any) -> bool:
        return bool(documents.validator(self.document, self.pointer).is_valid(value))


@lru_cache(maxsize=1024)
def placed(document: str, path: tuple[str | int, ...], rule: str) -> str:
    """Return where a validator's path ends, such as `clado/status.json#/properties/status/enum`.

    The path leaves references out, so what is found has to be the `rule` the validator speaks of, as `repr` has it.
    """
    ends = _along(_Place(document, "", documents.document(document)), path)
    found = next((place for place in ends if repr(place.schema) == rule), None)
    return found.text if found else f"{document}#"


def located(violation: LiveViolation, body: Any) -> LiveViolation:
    """Return an additive violation with its place: the schema that lists most of what stands beside what is new."""
    if not violation.document or violation.kind != "additive":
        return violation
    parts = [part.replace("~1", "/").replace("~0", "~") for part in violation.at.split("/")[1:]]
    keyword = "examples" if violation.rule == "value-new" else "properties"
    inner = parts if keyword == "examples" else parts[:-1]
    known = [place for place in _at(violation.document, body, inner) if keyword in place.schema]
    if not known:
        return violation
    place = max(reversed(known), key=lambda place: len(place.schema[keyword]))
    return replace(violation, places=(place.inner(keyword).text,))


def _along(place: _Place, path: tuple[str | int, ...]) -> Iterator[_Place]:
    """Yield every end of a path that may lead through references."""
    if not path:
        yield place
        return
    if not isinstance(place.schema, Mapping):
        yield from _along(place.inner(path[0]), path[1:])
        return
    if path[0] in place.schema:
        yield from _along(place.inner(path[0]), path[1:])
    if "$ref" in place.schema:
        yield from _along(_followed(place), path)


def _at(document: str, body: Any, parts: list[str]) -> list[_Place]:
    """Return the schemas that rule the value at the end of a path through the body."""
    places, value = list(_ruling(_Place(document, "", documents.document(document)), body)), body
    for part in parts:
        if isinstance(value, list):
            steps = [place.inner("items") for place in places if "items" in place.schema]
            value = value[int(part)]
        else:
            steps = [
                place.inner("properties", part) for place in places if part in place.schema.get("properties", ())
            ] or [place.inner("additionalProperties") for place in places if "additionalProperties" in place.schema]
            value = value[part]
        places = [ruling for step in steps for ruling in _ruling(step, value)]
    return places


def _ruling(place: _Place, value: Any) -> Iterator[_Place]:
    """Yield every schema that applies to this very value: conditions are asked, not guessed."""
    if not isinstance(place.schema, Mapping):
        return
    yield place
    if "$ref" in place.schema:
        yield from _ruling(_followed(place), value)
    for index in range(len(place.schema.get("allOf", ()))):
        yield from _ruling(place.inner("allOf", index), value)
    for keyword in ("anyOf", "oneOf"):
        for index in range(len(place.schema.get(keyword, ()))):
            branch = place.inner(keyword, index)
            if branch.holds(value):
                yield from _ruling(branch, value)
    if "if" in place.schema:
        keyword = "then" if place.inner("if").holds(value) else "else"
        if keyword in place.schema:
            yield from _ruling(place.inner(keyword), value)


def _followed(place: _Place) -> _Place:
    file, _, pointer = place.schema["$ref"].partition("#")
    document = f"{place.document.rpartition('/')[0]}/{file}" if file else place.document
    return _Place(document, pointer, documents.at(document, pointer.split("/")[1:]))
