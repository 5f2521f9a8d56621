"""The room that all journals together may take. A journal gets more when it has used what it has.

So an exchange that is added costs no look at the other journals.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ..models import Exchange

FREE_BYTES = 16 << 10
"""The room that every journal has at least. It doesn't count."""
MAX_ALL_BYTES = 256 << 20
Leaving = Callable[[Any, Iterable[Exchange]], None]
"""Called with a journal, and with exchanges that are about to leave it."""


class _Journal(Protocol):
    @property
    def room(self) -> int: ...

    def shrink(self, room: int) -> int: ...


class JournalRoom:
    """Gives room to journals. If none is left, the journal that got some longest ago loses its oldest exchanges."""

    def __init__(self, most: int = MAX_ALL_BYTES, *, leaving: Leaving | None = None) -> None:
        self._most, self._given, self.leaving = most, 0, leaving
        self._journals: OrderedDict[_Journal, None] = OrderedDict()
        self.dropped = 0
        """How many exchanges went because all journals together had too many."""
        self.dropped_by_owners = 0
        """How many exchanges went because a journal itself had too many."""

    def take(self, journal: _Journal, more: int) -> bool:
        """Give a journal more room. Returns False if it has all the room itself."""
        while self._given + more > self._most:
            oldest = next((one for one in self._journals if one is not journal), None)
            if oldest is None:
                return False
            self.dropped += self.give_back(oldest)
        self._given += more
        self._journals[journal] = None
        self._journals.move_to_end(journal)
        return True

    def give_back(self, journal: _Journal) -> int:
        """Take back what was given to a journal, and return how many exchanges it dropped for that."""
        if journal not in self._journals:
            return 0
        del self._journals[journal]
        self._given -= journal.room - FREE_BYTES
        return journal.shrink(FREE_BYTES)
