"""A bug that can be planted in the reference clients."""

from __future__ import annotations

from typing import NamedTuple


class PlantedBug(NamedTuple):
    """A bug of a client: `sentence` names it, and it shows in an `action` of a client of `api`.

    `python` and `typescript` are the replacements in the two reference clients: a text that each has once, and the
    text that takes its place.
    """

    id: str
    action: str
    sentence: str
    python: tuple[str, str]
    typescript: tuple[str, str]
    api: str = "clado"
