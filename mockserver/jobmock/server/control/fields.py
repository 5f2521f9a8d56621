"""Reads the bodies of control calls. Errors become problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from ...engine.namespace import Namespace
from ...errors import JobmockError, ScenarioError, hint, short_repr
from ...redaction import redact
from ...service.body_limits import MAX_BODY
from ..off_loop import ServerEnds

Body = Mapping[str, Any]
CallTable = dict[str, dict[str, Callable[[Namespace | None, Body], Any]]]
"""Control calls by name and method. Each gets its namespace, None for all of them, and its fields."""

_TITLES = {
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    413: "Content Too Large", 415: "Unsupported Media Type", 426: "Upgrade Required", 503: "Service Unavailable",
}  # fmt: skip
"""The phrases of RFC 9110. Those of `http` depend on the version of Python."""


class JsonLine(JSONResponse):
    """JSON that ends with a newline, so that a shell's prompt is on a line of its own."""

    def render(self, content: Any) -> bytes:
        return super().render(content) + b"\n"


class Problem(Exception):
    """A control call is refused. It becomes a problem document."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.members = status, redact(detail), headers, members


def check_length(raw: bytes) -> None:
    """Raise Problem if a body is too long."""
    if len(raw) > MAX_BODY:
        raise Problem(413, f"A body has at most {MAX_BODY} bytes.")


def check_type(headers: Headers, raw: bytes) -> None:
    """Raise Problem if a request has a body that isn't declared as JSON.

    A web page can send other types to any address. For JSON its browser first asks the server, which doesn't allow it.
    """
    types = headers.getlist("content-type")
    if raw and (not types or any(_media_type(one) != "application/json" for one in types)):
        shown = f"has the type {short_repr(', '.join(types))}" if types else "has no type"
        remedy = "Send the header Content-Type: application/json. With curl: -H 'Content-Type: application/json'"
        raise Problem(415, f"The body {shown}. Allowed: application/json. {remedy}.")


def _media_type(header: str) -> str:
    """Return a content type without its parameters."""
    return header.partition(";")[0].strip().lower()


def as_object(raw: bytes) -> Body:
    """Return the JSON object of a body; an empty body is an empty object. Raises Problem."""
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise Problem(400, f"The body is a JSON object, not {_NAMES.get(type(body), 'a number')}.")
    return body


_NAMES = {
    str: "text", dict: "an object", int: "a whole number", float: "a number", list: "a list", type(None): "null",
    bool: "true or false",
}  # fmt: skip
_WORDS = {None: "null", True: "true", False: "false"}


def fields(body: Body, needed: Mapping[str, tuple[type, ...]], more: Mapping[str, tuple[type, ...]]) -> Body:
    """Return the body's fields, checked: none missing, none unknown, each of one of its types. Raises Problem."""
    known = {**needed, **more}
    for name, value in body.items():
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise Problem(400, f"Unknown field {short_repr(name)}. Allowed: {allowed}.{hint(name, known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            allowed = "a number" if float in known[name] else " or ".join(_NAMES[kind] for kind in known[name])
            shown = _WORDS[value] if value is None or isinstance(value, bool) else short_repr(value)
            raise Problem(400, f"{name!r} is {shown}. Allowed: {allowed}.")
    if missing := [name for name in needed if name not in body]:
        raise Problem(400, f"The field {missing[0]!r} is missing. Needed: {', '.join(needed)}.")
    return body


def problem_of(error: JobmockError) -> Problem:
    """Return the problem of an error; that of a scenario has each of its errors."""
    if isinstance(error, ServerEnds):
        return Problem(503, str(error))
    if not isinstance(error, ScenarioError):
        return Problem(400, str(error))
    errors = [{"where": problem.where, "detail": problem.message} for problem in error.problems]
    return Problem(400, str(error), errors=errors)


def document(problem: Problem) -> Response:
    """Return the problem document."""
    title = _TITLES[problem.status]
    content = {"type": "about:blank", "title": title, "status": problem.status, "detail": problem.detail}
    return JsonLine(
        {**content, **problem.members}, problem.status, problem.headers, media_type="application/problem+json"
    )
