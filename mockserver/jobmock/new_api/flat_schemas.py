"""Schemas without references and branches: what is true of one value, for each way to obey a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import islice, product
from typing import Any

_MOST_WAYS = 64
_MAX_DEPTH = 50


class Flattener:
    """Flattens converted schemas. `shared` has the parts to which they refer."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._shared = shared

    def flattened(self, schema: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
        """Yield one flat schema for each choice of branches, at most 64. A schema that allows nothing has none."""
        if schema is False or depth > _MAX_DEPTH:
            return
        if not isinstance(schema, Mapping):
            yield {}
            return
        parts = [[{key: value for key, value in schema.items() if key not in _FLATTENED}]]
        if "$ref" in schema:
            parts.append([*self.flattened(self._shared[schema["$ref"].partition("#/$defs/")[2]], depth + 1)])
        parts += [[*self.flattened(part, depth + 1)] for part in schema.get("allOf", ())]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                branches = (self.flattened(branch, depth + 1) for branch in schema[keyword])
                parts.append([way for branch in branches for way in branch])
        for ways in islice(product(*parts), _MOST_WAYS):
            yield reduce(_both, ways)

    def members(self, schema: Any) -> dict[str, list[Any]]:
        """Return the members that a schema lists in any of its branches, each with all its schemas."""
        found: dict[str, list[Any]] = {}
        for flat in self.flattened(schema):
            for name, member in flat.get("properties", {}).items():
                known = found.setdefault(name, [])
                if member not in known:
                    known.append(member)
        return found


_FLATTENED = ("$ref", "allOf", "anyOf", "oneOf")


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the flat schema of what obeys two of them."""
    both = {**one, **other}
    if "properties" in one and "properties" in other:
        first, second = one["properties"], other["properties"]
        shared = {name: {"allOf": [first[name], second[name]]} for name in first.keys() & second.keys()}
        both["properties"] = {**first, **second, **shared}
    if "required" in one and "required" in other:
        both["required"] = [*dict.fromkeys([*one["required"], *other["required"]])]
    if "items" in one and "items" in other:
        both["items"] = {"allOf": [one["items"], other["items"]]}
    if "enum" in one and "enum" in other:
        both["enum"] = [value for value in one["enum"] if value in other["enum"]]
    if "type" in one and "type" in other:
        both["type"] = [kind for kind in _listed(one["type"]) if kind in _listed(other["type"])]
    return both


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else types
