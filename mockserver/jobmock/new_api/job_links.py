"""What an answer says about where its job is: links of OpenAPI, and examples of the header with the job's URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import UsageError
from ..json_pointer import escape
from .references import References


def link_targets(references: References, reply: str) -> tuple[str, ...]:
    """Return the operations that the links of an answer name: each by `operationId` or place in the document."""
    return tuple(_targets(references, reply))


def example_paths(references: References, reply: str, header: str | None) -> tuple[str, ...]:
    """Return the paths in the examples of a header of an answer. `header` is in lower case."""
    return tuple(urlsplit(one).path for one in _examples(references, reply, header) if isinstance(one, str))


def _targets(references: References, reply: str) -> Iterator[str]:
    for link in _parts(references, reply, "links").values():
        if isinstance(link.get("operationId"), str):
            yield link["operationId"]
        if isinstance(link.get("operationRef"), str):
            yield unquote(link["operationRef"].removeprefix("#"))


def _examples(references: References, reply: str, header: str | None) -> Iterator[Any]:
    for name, node in _parts(references, reply, "headers").items():
        if name.lower() == header:
            schema = node.get("schema")
            yield node.get("example")
            yield schema.get("example") if isinstance(schema, Mapping) else None


def _parts(references: References, reply: str, kind: str) -> dict[str, Mapping[str, Any]]:
    """Return the links or the headers of an answer by their names, without those that lead nowhere."""
    named, found = references.at(reply).get(kind), dict[str, Mapping[str, Any]]()
    for name in named if isinstance(named, Mapping) else ():
        try:
            node = references.at(references.resolved(f"{reply}/{kind}/{escape(name)}"))
        except UsageError:
            continue
        if isinstance(node, Mapping):
            found[name] = node
    return found
