"""Parses the JSON of a request's body."""

from __future__ import annotations

import gc
from typing import Any

import orjson

_LONG = 64 << 10
"""From so many bytes on, a body may have so many members that garbage is collected while it is parsed."""


def parsed(body: bytes) -> Any:
    """Return JSON as data. No garbage is collected meanwhile: that takes the longer, the more the process holds.

    Raises orjson.JSONDecodeError.
    """
    if len(body) < _LONG or not gc.isenabled():
        return orjson.loads(body)
    gc.disable()
    try:
        return orjson.loads(body)
    finally:
        gc.enable()
