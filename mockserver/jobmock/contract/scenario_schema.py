"""Makes one self-contained JSON Schema of the scenario language, with the words of every API that there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import documents

_WORDS = "/scenario.json"


def bundled() -> dict[str, Any]:
    """Return the schema of the scenario language. Each API's words are one of its definitions, so it needs no file."""
    apis = [name.removesuffix(_WORDS) for name in documents.names() if name.endswith(_WORDS)]
    whole: dict[str, Any] = _rewritten(documents.document(documents.LANGUAGE), "")
    whole["properties"]["api"]["enum"] = apis
    whole["allOf"] = [
        {
            "if": {"properties": {"api": {"const": api}}, "required": ["api"]},
            "then": {"$ref": f"#/definitions/{_name(api)}"},
        }
        for api in apis
    ]
    for api in apis:
        words = _rewritten(documents.document(api + _WORDS), f"/definitions/{_name(api)}")
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
