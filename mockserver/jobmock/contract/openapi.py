"""Makes one self-contained OpenAPI document of an API: its `openapi.yaml` with all schemas that it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..api_packages import data_of
from ..errors import NoSuchDocument
from . import documents

_FILE = "openapi.yaml"
_SCHEMAS = "#/components/schemas/"


@cache
def source(api: str) -> Mapping[str, Any]:
    """Return the content of `schemas/<api>/openapi.yaml`. Raises NoSuchDocument."""
    import yaml

    path = data_of(api, "schemas") / _FILE
    if not path.is_file():
        raise NoSuchDocument(f"There is no document '{api}/{_FILE}' in schemas/.")
    loaded: Mapping[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def with_schemas(api: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return an API's OpenAPI document with all schemas that it refers to in `components/schemas`.

    A schema is named after its file: `status.json#/$defs/job_id` is `#/components/schemas/status/$defs/job_id`.
    Raises NoSuchDocument.
    """
    whole: dict[str, Any] = _rewritten(source, "")
    schemas: dict[str, Any] = {}
    wanted = list(_siblings(source))
    while wanted:
        file = wanted.pop()
        if _name(file) not in schemas:
            content = documents.document(f"{api}/{file}")
            schemas[_name(file)] = {
                key: value for key, value in _rewritten(content, file).items() if key != "$schema"
            }  # fmt: skip
            wanted += _siblings(content)
    components = whole.get("components", {})
    whole["components"] = {**components, "schemas": {**components.get("schemas", {}), **dict(sorted(schemas.items()))}}
    return whole


def _name(file: str) -> str:
    """Return the name of a file's schema in `components/schemas`."""
    return file.removesuffix(".json")


def _siblings(node: Any) -> Iterator[str]:
    """Yield the file name of every reference to another file, at any depth."""
    for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _siblings(inner)
    if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        file = node["$ref"].partition("#")[0]
        if file:
            yield file


def _rewritten(node: Any, file: str) -> Any:
    """Return a copy of a node of `file` (empty: the OpenAPI document itself), with references into the whole."""
    if isinstance(node, list):
        return [_rewritten(item, file) for item in node]
    if not isinstance(node, Mapping):
        return node
    copy = {key: _rewritten(value, file) for key, value in node.items()}
    if isinstance(node.get("$ref"), str):
        target, _, fragment = node["$ref"].partition("#")
        if own := target or file:
            copy["$ref"] = _SCHEMAS + _name(own) + fragment
    return copy
