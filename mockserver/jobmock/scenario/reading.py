"""Files and text → documents: reads YAML and JSON, within the limits of `bounds`."""

from __future__ import annotations

import json
from pathlib import Path
from stat import S_ISREG
from typing import Any

import orjson
import yaml

from ..errors import Origin, short_repr
from .bounds import MAX_BYTES, MAX_DEPTH, check_bounds
from .document import Document, raise_problem
from .places import LOADER, Places
from .yaml_composer import Composer


def read_file(path: Path, source: str) -> Document:
    """Read a `.json` or YAML file. Raises ScenarioError with one Problem if it can't be read or parsed."""
    try:
        known = path.stat()  # Path.is_file() hides some errors, and which ones depends on the Python
        if not S_ISREG(known.st_mode):
            raise_problem("This is not a file.", source)
        if known.st_size > MAX_BYTES:
            raise_problem(f"The file has {known.st_size} bytes; a scenario has at most {MAX_BYTES}.", source)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # it may grow now, and the size of some files is never known
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise_problem("There is no such file.", source)
    except OSError as error:
        raise_problem(f"The file can't be read: {error.strerror or error}.", source)
    return (read_json if path.suffix == ".json" else read_yaml)(raw, source)


def read_json(text: str | bytes, source: str) -> Document:
    """Parse JSON; problems are located by JSON Pointer. Raises ScenarioError."""
    decoded = _decode(text, source)
    try:
        data = json.loads(decoded, object_pairs_hook=lambda pairs: _without_duplicate_keys(pairs, source))
    except RecursionError:
        raise_problem(f"The document is nested deeper than {MAX_DEPTH} levels.", source)
    except json.JSONDecodeError as error:
        wrong = _first_json_error(decoded) or error
        raise_problem(f"This is not JSON: {wrong.msg}.", source, (wrong.lineno, wrong.colno))
    except ValueError as error:
        raise_problem(f"A number is too large: {error}.", source)
    return check_bounds(Document(data=data, origin=Origin(source=source)))


def read_yaml(text: str | bytes, source: str) -> Document:
    """Parse one YAML document. Raises ScenarioError."""
    decoded = _decode(text, source)
    try:
        data, places = Composer(source).compose(yaml.parse(decoded, Loader=LOADER)), Places(decoded)
        origin = Origin(source=source, marks=places.values, keys=places.keys)
        return check_bounds(Document(data=data, origin=origin))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise_problem(f"This is not YAML: {error.problem or error.context}.", source, where)
    except yaml.reader.ReaderError as error:
        before = decoded.encode()[: error.position].decode(errors="ignore")
        sign = chr(error.character) if isinstance(error.character, int) else error.character
        where = _line_and_column(before, len(before))
        raise_problem(f"This is not YAML: the character {sign!r} is not allowed.", source, where)


def _decode(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        raise_problem(f"The text has {len(text)} bytes; a scenario has at most {MAX_BYTES}.", source)
    try:
        return text.encode().decode() if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeEncodeError as error:
        where = _line_and_column(error.object, error.start)
        raise_problem(f"Half a surrogate pair ({error.object[error.start]!r}) is no character.", source, where)
    except UnicodeDecodeError as error:
        where = _line_and_column(error.object[: error.start].decode(), error.start)
        raise_problem(f"This is not UTF-8 text (byte {error.object[error.start]:#04x}).", source, where)


def _first_json_error(text: str) -> json.JSONDecodeError | None:
    """Return the first error of a JSON text from orjson, because the messages of `json` depend on the Python."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return error
    return None


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _without_duplicate_keys(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise_problem(f"The key {short_repr(key)} stands twice in one object.", source)
        data[key] = value
    return data
