"""JSON, for programs."""

from __future__ import annotations

from typing import Any

import orjson


def to_json(data: Any) -> str:
    """Return data as indented JSON. All texts in it must be valid Unicode."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
