"""What a recorder says, each thing once; and what becomes of its errors: words in which nothing seen is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Minding:
    """Says each text once. `lost` tells whether something is lost for good."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._said, self._saying = say, set[str](), Lock()
        self.lost = False

    def say(self, text: str) -> None:
        """Say it, unless it was said before."""
        with self._saying:
            new = text not in self._said
            self._said.add(text)
        if new:
            self._say(text)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say which file can't be written and why, and go on: it will be tried again."""
        try:
            yield
        except OSError as error:
            number = f" (errno {error.errno})" if error.errno else ""
            self.say(f"Can't write {str(error.filename)!r}: {error.strerror or type(error).__name__}{number}.")

    @contextmanager
    def whatever(self, what: str) -> Iterator[None]:
        """Go on whatever goes wrong, and say of it no more than its kind: its words could be somebody's data."""
        try:
            yield
        except Exception as error:
            self.lost = True
            self.say(f"{what} couldn't be recorded: {type(error).__name__}.")
