"""Checks `tables.py` and `answers.json` when the package is imported, so that a mistake is named by its table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_PATHS = ("STARTED_ID", "JOB_ID", "STATUS", "RESULTS", "RESULT_ID", "MESSAGE")
_PARTS = ("start", "status", "result", "errors", "others")


def parsed(content: bytes) -> Any:
    """Return the bodies of `answers.json`. Raises ValueError."""
    try:
        bodies = json.loads(content)
    except ValueError as error:
        raise ValueError(f"answers.json is no JSON: {error}.") from None
    if not isinstance(bodies, Mapping) or not all(part in bodies for part in _PARTS):
        raise ValueError(f"answers.json needs the members {', '.join(_PARTS)}.")
    return bodies


def check(tables: Any, bodies: Any) -> None:
    """Raise ValueError with all that is wrong in the tables, or in how the bodies fit them."""
    problems = [*_shapes(tables)] or [*_words(tables, bodies), *_places(tables, bodies)]
    if problems:
        raise ValueError(" ".join(problems))


def _shapes(tables: Any) -> Iterator[str]:
    """Yield which tables have another form than they need."""
    if not _is_row(tables.CREDENTIAL, (str, type(None)), str):
        yield _wrong(tables, "CREDENTIAL", 'a header and the word before the key, as ("x-api-key", ""), or (None, "")')
    for name, value in tables.ERRORS.items():
        if not _is_row(value, int, str):
            yield f"tables.ERRORS[{name!r}] is {value!r}. It needs an HTTP status and a text: (404, \"Not found.\")."
    for row in tables.OPERATIONS:
        if not _is_row(row, str, str, str, Mapping):
            yield f"tables.OPERATIONS has {row!r}. It needs a name, a method, a path, and HTTP status: schema."
    for status, following in tables.TRANSITIONS.items():
        if not _is_path(following):
            yield f"tables.TRANSITIONS[{status!r}] is {following!r}. It needs statuses: (\"completed\",)."
    for name in _PATHS:
        if not _is_path(getattr(tables, name)):
            yield _wrong(tables, name, 'the names of members, from outside to inside: ("job", "id")')


def _words(tables: Any, bodies: Any) -> Iterator[str]:
    """Yield which names of statuses, errors and operations there aren't."""
    statuses, errors = tables.TRANSITIONS, tables.ERRORS
    names = [row[0] for row in tables.OPERATIONS]
    others = [name for name in names if name not in ("start", "status")]
    for where, found, allowed in (
        ("tables.TRANSITIONS", [after for following in statuses.values() for after in following], statuses),
        ("tables.CANCELLED", [tables.CANCELLED] if tables.CANCELLED or "cancel" in names else [], statuses),
        ("answers.json#/status", bodies["status"], statuses),
        ("answers.json#/errors", bodies["errors"], errors),
        ("answers.json#/others", bodies["others"], others),
        ("tables.ERROR_CODES", tables.ERROR_CODES, errors),
        ("tables.BAD_REQUEST", [tables.BAD_REQUEST] if tables.BAD_REQUEST else [], errors),
    ):
        for word in dict.fromkeys(found):
            if word not in allowed:
                yield f"{where} has {word!r}. Allowed: {', '.join(allowed) or 'none'}."
    for where, found, needed in (
        ("status", bodies["status"], statuses), ("errors", bodies["errors"], errors),
        ("others", bodies["others"], others),
    ):
        if missing := [word for word in needed if word not in found]:
            yield f"answers.json#/{where} has no body for {', '.join(missing)}."
    refusing = (401, 403) if tables.CREDENTIAL[0] else (404,)
    if not any(status in refusing for status, _ in errors.values()):
        yield f"tables.ERRORS has no error with {' or '.join(map(str, refusing))}, which answers a wrong key."


def _places(tables: Any, bodies: Any) -> Iterator[str]:
    """Yield which paths lead to nothing in the bodies where they are needed."""
    polls = list(bodies["status"].values())
    for name, where, found in (
        ("STARTED_ID", "start", [bodies["start"]]), ("STATUS", "status", polls), ("JOB_ID", "status", polls),
        ("RESULT_ID", "result", [bodies["result"]]), ("MESSAGE", "errors", list(bodies["errors"].values())),
    ):
        path = getattr(tables, name)
        if path and not any(has(body, path) for body in found):
            yield f"tables.{name} is {path!r}, and answers.json#/{where} has nothing there."
    if not tables.STARTED_ID and not tables.ID_HEADER:
        yield "tables.STARTED_ID and tables.ID_HEADER are empty, so nothing says the id of a job."


def has(body: Any, path: Any) -> bool:
    """Return whether a body has something at a path."""
    for name in path:
        if not isinstance(body, Mapping) or name not in body:
            return False
        body = body[name]
    return bool(path)


def _wrong(tables: Any, name: str, needed: str) -> str:
    return f"tables.{name} is {getattr(tables, name)!r}. It needs {needed}."


def _is_row(value: Any, *kinds: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == len(kinds) and all(map(isinstance, value, kinds))


def _is_path(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(part, str) for part in value)
