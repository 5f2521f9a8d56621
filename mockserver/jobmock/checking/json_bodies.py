"""Bodies as JSON: parsing with what JSON allows and Python's parsers don't, and the bodies that can't be judged."""

from __future__ import annotations

import re
from typing import Any

import orjson

BOM = b"\xef\xbb\xbf"
NOT_JSON = object()
"""The parsed body of an answer that isn't JSON."""
TOO_DEEP = object()
"""The parsed body of an answer that is nested too deeply for a validator."""
_DEEPEST = 254
"""How many levels orjson writes. It reads more, but validators are recursive, and the stack is limited."""
_SURROGATES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
"""A pair of surrogates, a lone surrogate, or another escape."""


def parse_body(body: bytes) -> Any:
    """Return a body as data; NOT_JSON if it isn't JSON, TOO_DEEP if no validator can judge it."""
    try:
        value = loads(body.removeprefix(BOM))
        if len(body) > _DEEPEST:
            orjson.dumps(value)  # refuses what is nested more deeply
    except orjson.JSONDecodeError as error:
        return TOO_DEEP if "limit exceeded" in error.msg else NOT_JSON
    except orjson.JSONEncodeError:
        return TOO_DEEP
    return value


def parse_lines(body: bytes) -> Any:
    """Return a body in JSON Lines as the list of its values; NOT_JSON or TOO_DEEP if a line is that."""
    values = [parse_body(line) for line in body.removeprefix(BOM).splitlines() if line.strip()]
    return next((value for value in values if value is NOT_JSON or value is TOO_DEEP), values)


def loads(raw: bytes) -> Any:
    """Return JSON as data. A lone surrogate, which JSON allows, becomes U+FFFD. Raises JSONDecodeError."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        replaced = _SURROGATES.sub(lambda found: b"\\ufffd" if found["lone"] else found[0], raw)
        if replaced == raw:
            raise
        return orjson.loads(replaced)


def encode_text(text: str) -> bytes:
    """Return a text as UTF-8. A lone surrogate becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
