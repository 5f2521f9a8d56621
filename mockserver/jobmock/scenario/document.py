"""Files and text → plain data with the line and column of every value, bounded in size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ..models import Origin
from .composer import MAX_DEPTH, MAX_VALUES, Composer, Document, children, fail

MAX_BYTES = 1 << 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path, source: str) -> Document:
    """Read a file. Raises ScenarioError with one Problem if it can't be read or parsed."""
    try:
        if not path.is_file():
            fail("There is no such file." if not path.exists() else "This is not a file.", source)
        if (size := path.stat().st_size) > MAX_BYTES:
            fail(f"The file has {size} bytes; a scenario has at most {MAX_BYTES}.", source)
        raw = path.read_bytes()
    except OSError as error:
        fail(f"The file can't be read: {error.strerror or error}.", source)
    return (read_json if path.suffix == ".json" else read_yaml)(raw, source)


def read_json(text: str | bytes, source: str) -> Document:
    """Parse JSON; values are located by JSON Pointer. Raises ScenarioError."""
    try:
        data = json.loads(_decode(text, source), object_pairs_hook=lambda pairs: _unique(pairs, source))
    except RecursionError:
        fail(f"The document is nested deeper than {MAX_DEPTH} levels.", source)
    except json.JSONDecodeError as error:
        fail(f"This is not JSON: {error.msg}.", source, (error.lineno, error.colno))
    _bound(data, source)
    return Document(data=data, origin=Origin(source=source))


def read_yaml(text: str | bytes, source: str) -> Document:
    """Parse one YAML document. Raises ScenarioError."""
    decoded = _decode(text, source)
    try:
        return Composer(source).compose(yaml.parse(decoded, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        fail(f"This is not YAML: {error.problem or error.context}.", source, where)
    except yaml.reader.ReaderError as error:
        where = _position(decoded, error.position)
        fail(f"This is not YAML: the character {error.character!r} is not allowed.", source, where)


def _decode(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        fail(f"The text has {len(text)} bytes; a scenario has at most {MAX_BYTES}.", source)
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = _position(text[: error.start].decode("utf-8", "replace"), error.start)
        fail(f"This is not UTF-8 text (byte {text[error.start]:#04x}).", source, where)


def _position(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _unique(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            fail(f"The key {key!r} stands twice in one object.", source)
        data[key] = value
    return data


def _bound(data: Any, source: str) -> None:
    level, depth, values = [data], 0, 0
    while level:
        depth, values = depth + 1, values + len(level)
        if depth > MAX_DEPTH:
            fail(f"The document is nested deeper than {MAX_DEPTH} levels.", source)
        if values > MAX_VALUES:
            fail(f"The document has more than {MAX_VALUES} values.", source)
        level = [child for value in level for child in children(value)]
