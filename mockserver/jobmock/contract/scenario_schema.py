"""Makes one self-contained JSON Schema of the scenario language, with the words of APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import documents


def bundled(apis: Sequence[str]) -> dict[str, Any]:
    """Return the schema of the scenario language with the words of some APIs.

    The words of each are one of the schema's definitions, so it needs no other file.
    """
    whole: dict[str, Any] = _rewritten(documents.document(documents.LANGUAGE), "")
    whole["properties"]["api"]["enum"] = [*apis]
    whole["allOf"] = [
        {
            "if": {"properties": {"api": {"const": api}}, "required": ["api"]},
            "then": {"$ref": f"#/definitions/{_name(api)}"},
        }
        for api in apis
    ]
    for api in apis:
        words = _rewritten(documents.document(f"{api}/scenario.json"), f"/definitions/{_name(api)}")
        whole["definitions"][_name(api)] = {key: value for key, value in words.items() if key != "$schema"}
    return whole


def _name(api: str) -> str:
    """Return the name of the definition that holds an API's words."""
    return f"words_of_{api}"


def _rewritten(node: Any, pointer: str) -> Any:
    """Return a copy of a document, or a part of it, whose references begin at another place of the whole schema."""
    if isinstance(node, list):
        return [_rewritten(item, pointer) for item in node]
    if not isinstance(node, Mapping):
        return node
    copy = {key: _rewritten(value, pointer) for key, value in node.items()}
    if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
        copy["$ref"] = f"#{pointer}{node['$ref'][1:]}"
    return copy
