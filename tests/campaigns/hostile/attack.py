"""What an attack is: a name, what it sends, and what it may do to the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from tests.campaigns.hostile.conversation import Conversation

Make = Callable[[Random, str], Sequence[Conversation]]
"""Makes the connections of an attack: they are open at the same time. The text names a namespace of its own."""


class Attack(NamedTuple):
    """One row of a table of attacks."""

    name: str
    make: Make
    sees_all: bool = False
    """It may be a valid call that shows what belongs to other keys."""
    clears: bool = False
    """It may be a valid call that clears or changes all namespaces."""
