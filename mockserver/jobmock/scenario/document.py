"""Files and text → plain data with the line and column of every value, bounded in size."""

from __future__ import annotations

import json
from pathlib import Path
from stat import S_ISREG
from typing import Any

import orjson
import yaml

from ..errors import Origin
from .bounds import bounded
from .composer import MAX_DEPTH, Composer, Document, fail

MAX_BYTES = 1 << 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path, source: str) -> Document:
    """Read a file. Raises ScenarioError with one Problem if it can't be read or parsed."""
    try:
        known = path.stat()  # what a Path says of itself hides some errors, and which ones depends on the Python
        if not S_ISREG(known.st_mode):
            fail("This is not a file.", source)
        if known.st_size > MAX_BYTES:
            fail(f"The file has {known.st_size} bytes; a scenario has at most {MAX_BYTES}.", source)
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        fail("There is no such file.", source)
    except OSError as error:
        fail(f"The file can't be read: {error.strerror or error}.", source)
    return (read_json if path.suffix == ".json" else read_yaml)(raw, source)


def read_json(text: str | bytes, source: str) -> Document:
    """Parse JSON; values are located by JSON Pointer. Raises ScenarioError."""
    decoded = _decode(text, source)
    try:
        data = json.loads(decoded, object_pairs_hook=lambda pairs: _unique(pairs, source))
    except RecursionError:
        fail(f"The document is nested deeper than {MAX_DEPTH} levels.", source)
    except json.JSONDecodeError as error:
        wrong = _first_mistake(decoded) or error
        fail(f"This is not JSON: {wrong.msg}.", source, (wrong.lineno, wrong.colno))
    except ValueError as error:
        fail(f"A number is too large: {error}.", source)
    return bounded(Document(data=data, origin=Origin(source=source)))


def read_yaml(text: str | bytes, source: str) -> Document:
    """Parse one YAML document. Raises ScenarioError."""
    decoded = _decode(text, source)
    try:
        return bounded(Composer(source).compose(yaml.parse(decoded, Loader=_Loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        fail(f"This is not YAML: {error.problem or error.context}.", source, where)
    except yaml.reader.ReaderError as error:
        before = decoded.encode()[: error.position].decode(errors="ignore")
        sign = chr(error.character) if isinstance(error.character, int) else error.character
        fail(f"This is not YAML: the character {sign!r} is not allowed.", source, _position(before, len(before)))


def _decode(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        fail(f"The text has {len(text)} bytes; a scenario has at most {MAX_BYTES}.", source)
    try:
        return text.encode().decode() if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeEncodeError as error:
        where = _position(error.object, error.start)
        fail(f"Half a surrogate pair ({error.object[error.start]!r}) is no character.", source, where)
    except UnicodeDecodeError as error:
        where = _position(error.object[: error.start].decode(), error.start)
        fail(f"This is not UTF-8 text (byte {error.object[error.start]:#04x}).", source, where)


def _first_mistake(text: str) -> json.JSONDecodeError | None:
    """Return what is wrong in JSON, and where, as orjson says it: the words of `json` depend on the Python."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return error
    return None


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
