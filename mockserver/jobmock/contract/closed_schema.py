"""A schema that accepts only what a document lists: no other member, and no other word of an open list."""

from __future__ import annotations

from typing import Any

from .listed_members import Listed


def closed_schema(listed: Listed) -> dict[str, Any]:
    """Return the schema of a tree. What it refuses, and nothing else, `unlisted` finds."""
    definitions: dict[str, dict[str, Any]] = {}
    return {**_reference(listed, definitions), "$defs": definitions}


def _reference(listed: Listed, definitions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a reference to the schema of a node, which is added to the definitions. A tree may refer to itself."""
    name = f"n{id(listed)}"
    if name not in definitions:
        definitions[name] = {}
        definitions[name].update(_schema(listed, definitions))
    return {"$ref": f"#/$defs/{name}"}


def _schema(listed: Listed, definitions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if listed.members is not None:
        schema["properties"] = dict.fromkeys(listed.members, True) | {
            name: _reference(inner, definitions) for name, inner in listed.deep
        }
        if not listed.open:
            schema["additionalProperties"] = False
    if listed.items is not None:
        schema["items"] = _reference(listed.items, definitions)
    if listed.words:
        schema["anyOf"] = [{"not": {"type": "string"}}, {"enum": sorted(listed.words)}]
    return schema
