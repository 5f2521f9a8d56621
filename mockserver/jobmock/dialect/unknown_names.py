"""Makes the error for a name that the code of an API uses, and that the API's tables don't have."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import OF_A_TYPO, UnknownName, hint, short_repr


def unknown_name(api: str, what: str, name: object, allowed: Iterable[str]) -> UnknownName:
    """Return the error for a name of an API: what has no such name, and which names it allows."""
    known = list(allowed)
    near = hint(name, known, likeness=OF_A_TYPO)
    return UnknownName(
        f"The API {api!r} has no {what} {short_repr(name)}. Allowed: {', '.join(known) or 'none'}.{near}"
    )
