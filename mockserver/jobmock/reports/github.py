"""GitHub's annotations: lines in a job's log that GitHub shows beside the change."""

from __future__ import annotations

from .plain_text import printable_lines


def annotation(level: str, message: str, **properties: object) -> str:
    """Return the line of an annotation: `error`, `warning` or `notice`. Properties that are None are left out."""
    given = (f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items() if value is not None)
    return f"::{' '.join(filter(None, (level, ','.join(given))))}::{_escaped(message)}\n"


def _escaped(text: str, more: str = "") -> str:
    """Return a text with the characters escaped that would end a message, and those in `more`."""
    return "".join(f"%{ord(sign):02X}" if sign in "%\r\n" + more else sign for sign in printable_lines(text))
