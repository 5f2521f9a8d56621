"""The exact comparison of JSON values: in JSON, 0 isn't false and 1.0 isn't 1, but in Python they are equal."""

from __future__ import annotations

from typing import Any

import orjson


def exact(value: Any) -> bytes:
    """Return the text of a value, with sorted members: two values are the same in JSON if their texts are the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
