"""The recorder: takes what was seen, one exchange after another. Its line is on disk at once, its scenario soon."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..catalogue import Catalogue
from ..dialect.api import Api
from .allow_list import Allowed
from .background import Behind
from .exchange_log import Exchanges
from .files import Folder, Lines
from .infer_scenario import Fitter
from .raw_exchange import Seen
from .sanitizer import Distiller
from .scenario_writer import Scenarios
from .warnings import Minding


class Recorder:
    """Records the exchanges of one API into a folder, and into `lines` if given. `say` is told what can't be recorded.

    `words` may be written down although no document lists them.
    """

    def __init__(
        self, api: Api, folder: Folder, say: Callable[[str], None], *, lines: Lines | None = None,
        words: Iterable[str] = (), catalogue: Catalogue | None = None,
    ) -> None:  # fmt: skip
        allowed, catalogue = Allowed(api, words), catalogue or Catalogue()
        self._minding = Minding(say)
        self._distiller = Distiller(api, allowed)
        self._exchanges = Exchanges(lines, self._distiller, catalogue) if lines else None
        self._scenarios = Scenarios(folder, Fitter(catalogue, Distiller(api, allowed)), self._minding)
        self._behind = Behind(self._scenarios.settle)

    def take(self, seen: Seen) -> None:
        """Record one exchange: on return its line is on disk, and its scenario will be soon. Doesn't raise.

        Several threads may do so at once: an exchange waits for those of its own job only.
        """
        with self._minding.whatever("An exchange"):
            one = self._distiller.sighting(seen)
            if one is None:
                self._minding.say(_NOT_RECORDED)
                return
            self._scenarios.add(one)
            if self._exchanges is not None:
                with self._minding.writing():
                    self._exchanges.add(one)
        self._behind.wake()

    def settle(self) -> None:
        """Return when the scenarios on disk tell all that was taken."""
        self._behind.settle()

    def end(self) -> bool:
        """Write what is still to be written; say whether everything could be."""
        self._behind.wake()
        self._behind.settle()
        return self._flushed() and self._scenarios.whole and not self._minding.lost

    def _flushed(self) -> bool:
        with self._minding.writing():
            return self._exchanges is None or self._exchanges.end()
        return False


_NOT_RECORDED = (
    "Not recorded: a request that is no operation of the API, has no key of its form, or whose answer "
    "is in an encoding that can't be undone."
)
