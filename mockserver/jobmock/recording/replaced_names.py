"""Names in place of words and members that no document lists: the same name for the same word in one recording."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from ..checking.messages import is_word
from .hidden_values import LEFT_OUT

UNLISTED = "unlisted"
"""How these names begin."""


class ReplacedNames:
    """The names of one recording. `words`, `members` and the `listed` words of all documents are kept as they are.

    A name looks like a word if the word did: a check shows words, and hides all other texts.
    """

    def __init__(
        self, words: Iterable[str] = (), members: Iterable[str] = (), listed: Iterable[str] = ()
    ) -> None:  # fmt: skip
        self.listed = frozenset(listed)
        self._words, self._members, self._records = _Numbered(words), _Numbered(members), _Numbered(())

    def word(self, text: str) -> str:
        """Return the name in place of a word of a list."""
        return self._words.name(text, "unlisted_{}" if is_word(text) else "unlisted {}")

    def member(self, text: str) -> str:
        """Return the name in place of a member's."""
        return self._members.name(text, "unlisted_member_{}" if is_word(text) else "unlisted member {}")

    def record(self, text: str) -> str:
        """Return a text in place of one that stands for a whole record: other records have other texts."""
        return self._records.name(text, LEFT_OUT[:-1] + " {})")


class _Numbered:
    """Numbered names of one kind. Those in `kept` are their own names, and so is each name that was given."""

    def __init__(self, kept: Iterable[str]) -> None:
        self._names = {text: text for text in kept}
        self._count, self._lock = 0, Lock()

    def name(self, text: str, form: str) -> str:
        with self._lock:
            if text not in self._names:
                self._count += 1
                given = self._names[text] = form.format(self._count)
                self._names[given] = given
            return self._names[text]
