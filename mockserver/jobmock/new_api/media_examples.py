"""The examples that an OpenAPI document has beside a schema: of the body of a request or of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..json_pointer import escape
from .references import References


def examples_beside(references: References, schema: str | None) -> tuple[Any, ...]:
    """Return the values of `example` and `examples` beside the schema at a place."""
    return () if schema is None else tuple(_examples(references, schema.removesuffix("/schema")))


def _examples(references: References, place: str) -> Iterator[Any]:
    node = references.at(place)
    if "example" in node:
        yield node["example"]
    named = node.get("examples")
    for name in named if isinstance(named, Mapping) else ():
        found = references.at(references.resolved(f"{place}/examples/{escape(name)}"))
        if isinstance(found, Mapping) and "value" in found:
            yield found["value"]
