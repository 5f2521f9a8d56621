"""Keys of live APIs, from the environment: validated before anything is sent, and never shown."""

from __future__ import annotations

import os

from ..errors import UsageError


def key_from_environment(name: str) -> str:
    """Return the key in an environment variable, empty if there is none. Raises UsageError."""
    key = os.environ.get(name, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"The key in {name} has signs that no header can hold. Allowed: printable ASCII.")
    return key
