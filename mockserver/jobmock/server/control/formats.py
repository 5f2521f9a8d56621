"""In which format a control call is answered: as JSON, or as text for people."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from ...errors import hint, short_repr
from .fields import Body, JsonLine, Problem

TEXT_CALLS = ("findings", "journal")
"""The calls whose answer is also there as text."""
FORMATS = ("json", "text")


def wants_text(call: str, method: str, body: Body, headers: Headers) -> bool:
    """Return whether a call is to be answered as text: by `format`, or else by its Accept. Raises Problem."""
    if call not in TEXT_CALLS or method not in ("GET", "HEAD"):
        return False
    if "format" not in body:
        return _prefers_text(", ".join(headers.getlist("accept")))
    wanted = body["format"]
    if wanted not in FORMATS:
        more = hint(wanted, FORMATS) if isinstance(wanted, str) else ""
        raise Problem(400, f"'format' is {short_repr(wanted)}. Allowed: {', '.join(FORMATS)}.{more}")
    return bool(wanted == "text")


def response_as(content: Any, status: int) -> Response:
    """Return the response of an answer: text for a text, JSON for all else. It may be a response already."""
    if isinstance(content, Response):
        return content
    return PlainTextResponse(f"{content}\n", status) if isinstance(content, str) else JsonLine(content, status)


def _prefers_text(accept: str) -> bool:
    """Return whether an Accept prefers text/plain to JSON. One that names both alike gets JSON."""
    qualities = dict(map(_quality, accept.lower().split(",")))
    text = qualities.get("text/plain", qualities.get("text/*", 0.0))
    json = qualities.get("application/json", qualities.get("application/*", 0.0))
    return text > json and text >= qualities.get("*/*", 0.0)


def _quality(entry: str) -> tuple[str, float]:
    """Return the media type of one entry of an Accept, and its quality."""
    kind, *parameters = (part.strip() for part in entry.split(";"))
    given = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return kind, float(given)
    except ValueError:
        return kind, 0.0
