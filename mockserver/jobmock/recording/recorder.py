"""The recorder: writes each exchange to the log at once, and its job's scenario soon after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..catalogue import Catalogue
from ..dialect.api import Api
from .allow_list import AllowList
from .background import BackgroundWork
from .exchange_log import ExchangeLog
from .files import LinesFile, ScenarioFolder
from .infer_scenario import ScenarioInference
from .raw_exchange import RawExchange
from .sanitizer import Sanitizer
from .scenario_writer import ScenarioWriter, WrittenScenario
from .warnings import Warnings

_NOT_RECORDED = (
    "Not recorded: a request that is no operation of the API or has no key of its form, "
    "or an answer in an encoding that can't be decoded."
)


class Recorder:
    """Records the exchanges of one API into a folder of scenarios, and into a file of `lines` if there is one.

    `warn` gets what can't be recorded, in words. `words` and the names of `members` may be written although no document
    lists them. `numbers` gives the next job its number.
    """

    def __init__(
        self, api: Api, folder: ScenarioFolder, warn: Callable[[str], None], *, lines: LinesFile | None = None,
        words: Iterable[str] = (), members: Iterable[str] = (), catalogue: Catalogue | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:  # fmt: skip
        allow_list, catalogue = AllowList(api, words, members), catalogue or Catalogue()
        self._warnings = Warnings(warn)
        self._sanitizer = Sanitizer(api, allow_list)
        self._log = ExchangeLog(lines, self._sanitizer, catalogue) if lines else None
        inference = ScenarioInference(catalogue, Sanitizer(api, allow_list))
        self._scenarios = ScenarioWriter(folder, inference, self._warnings, numbers)
        self._update = BackgroundWork(self._scenarios.update)

    @property
    def written(self) -> list[WrittenScenario]:
        """The scenarios that were written."""
        return self._scenarios.written

    def record(self, raw: RawExchange) -> None:
        """Record an exchange: its line is on disk when this returns, and its scenario soon after. Doesn't raise.

        Several threads may do so at once: an exchange waits only for others of the same job.
        """
        self.add(raw)
        self._update.request()

    def add(self, raw: RawExchange) -> None:
        """Record an exchange as `record` does, but leave its scenario to the next `record` or `close`."""
        with self._warnings.for_any_error("An exchange"):
            exchange = self._sanitizer.sanitize(raw, judge=True)
            if exchange is None:
                self._warnings.add(_NOT_RECORDED)
                return
            self._scenarios.add(exchange)
            if self._log is not None:
                with self._warnings.for_write_errors():
                    self._log.add(exchange)

    def wait(self) -> None:
        """Return when the scenarios of all recorded exchanges are written."""
        self._update.wait()

    def close(self) -> bool:
        """Write all that isn't written yet; return whether everything could be written."""
        self._update.request()
        self._update.wait()
        return self._flush_log() and self._scenarios.complete and not self._warnings.data_lost

    def _flush_log(self) -> bool:
        with self._warnings.for_write_errors():
            return self._log is None or self._log.flush()
        return False
