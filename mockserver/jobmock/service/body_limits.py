"""The limits of a request's body."""

from __future__ import annotations

MAX_BODY = 1 << 20
MAX_BRACKETS = 100_000
"""Python needs ten times as long for each array as for the same bytes in a text."""


def excess(body: bytes) -> str | None:
    """Return how a body is too large, as a sentence, or None."""
    if len(body) > MAX_BODY:
        return f"A body has at most {MAX_BODY} bytes."
    if len(body) > MAX_BRACKETS and body.count(b"[") + body.count(b"{") > MAX_BRACKETS:
        return f"A body has at most {MAX_BRACKETS} arrays and objects."
    return None
