"""Reads an OpenAPI document from a file: YAML 1.2 or JSON, as plain data whose keys are texts. Nothing else is read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ..errors import UsageError, short_repr
from ..files import read_regular_file

_MOST_BYTES = 32 << 20
_MOST_VALUES = 2_000_000
_MAX_DEPTH = 100
_VERSIONS = ("3.0", "3.1")
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class _Loader(yaml.CSafeLoader):
    """Reads plain words as YAML 1.2 does: `no` and `2026-01-01` are texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag.rpartition(":")[2] in ("int", "float", "null", "merge")]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false|True|False"), [*"tfTF"])


def read_document(path: Path) -> Mapping[str, Any]:
    """Return the content of an OpenAPI document. Raises UsageError."""
    try:
        content = read_regular_file(path, _MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_place(path)} can't be read: {getattr(error, 'strerror', None) or error}.") from None
    data = _Plain(path).of(_parsed(path, content))
    if not isinstance(data, dict):
        raise UsageError(f"{_place(path)} is no OpenAPI document, but {short_repr(data)}.")
    _check_version(path, data)
    return data


def _place(path: Path) -> str:
    return f"The OpenAPI document {str(path)!r}"


def _parsed(path: Path, content: str) -> Any:
    """Return the data of a text that is JSON if it begins with a brace, else YAML."""
    try:
        if content.lstrip()[:1] == "{":
            return json.loads(content)
        _check_depth(path, content)
        return yaml.load(content, Loader=_Loader)
    except json.JSONDecodeError as error:
        where, what = (error.lineno, error.colno), f"is no JSON: {error.msg}"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where, what = (mark.line + 1, mark.column + 1) if mark else (1, 1), f"is no YAML: {error.problem}"
    except (yaml.YAMLError, ValueError) as error:
        where, what = (1, 1), f"is no YAML: {' '.join(str(error).split())}"
    except RecursionError:
        raise _too_deep(path) from None
    raise UsageError(f"{_place(path)} {what}, in line {where[0]}, column {where[1]}.")


def _check_depth(path: Path, content: str) -> None:
    """Raise UsageError for YAML that is nested too deeply to be composed."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        if depth > _MAX_DEPTH:
            raise _too_deep(path)


def _too_deep(path: Path) -> UsageError:
    return UsageError(f"{_place(path)} is nested deeper than {_MAX_DEPTH} levels.")


def _check_version(path: Path, data: Mapping[str, Any]) -> None:
    """Raise UsageError for another version than those that can be read, and for a document without operations."""
    allowed = f"Allowed: OpenAPI {' and '.join(_VERSIONS)}."
    if "openapi" not in data:
        what = f"is Swagger {data['swagger']}" if "swagger" in data else "has no member 'openapi'"
        raise UsageError(f"{_place(path)} {what}. {allowed}")
    version = str(data["openapi"])
    if version[:3] not in _VERSIONS:
        raise UsageError(f"{_place(path)} is of OpenAPI {short_repr(version)}. {allowed}")
    if not isinstance(data.get("paths"), dict) or not data["paths"]:
        raise UsageError(f"{_place(path)} has no operations: 'paths' is missing, empty or no mapping.")


class _Plain:
    """Makes plain data: keys are texts, and repeated parts of YAML are copied, up to a number of values."""

    def __init__(self, path: Path) -> None:
        self._path, self._values = path, 0

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return a value as plain data. Raises UsageError for too many values, and for a value that contains itself."""
        self._values += 1
        if depth > _MAX_DEPTH:
            raise _too_deep(self._path)
        if self._values > _MOST_VALUES:
            raise UsageError(f"{_place(self._path)} has more than {_MOST_VALUES} values.")
        if isinstance(value, dict):
            return {_key(key): self.of(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, depth + 1) for inner in value]
        return value.isoformat() if isinstance(value, date) else value


def _key(key: Any) -> str:
    """Return a key as text: HTTP statuses are numbers in YAML."""
    return str(key).lower() if isinstance(key, bool) else str(key)
