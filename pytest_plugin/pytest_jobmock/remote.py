"""A mock that runs elsewhere: the same test against a `jobmock serve`, through its control API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from jobmock import apis
from jobmock.clock import SECOND, written
from jobmock.errors import UsageError
from jobmock.etiquette import Finding, Verdict
from jobmock.models import Exchange, Scenario, Told

from .control import Control
from .mock import Mock, PlayedJob
from .testclock import TestClock

if TYPE_CHECKING:
    from .session import Bench


_LOOKS = 4


class RemoteClock:
    """The clocks of a test's keys on another server, which go together; read once, then reckoned along."""

    def __init__(self, mode: str, speed: float, start: int | None = None) -> None:
        self._start = start
        self._mode, self._setting = mode, {"mode": mode, **({"speed": speed} if mode == "scaled" else {})}
        self._controls: list[Control] = []
        self._listeners: set[Callable[[], None]] = set()
        self._base = self.started = time_ns() if start is None else start
        self._due: int | None = None
        self.answering = 0

    def take(self, control: Control) -> None:
        """Let the clock of one more key go along."""
        control.call("PUT", "clock", self._setting)
        self.begin(control)
        self._controls.append(control)
        if len(self._controls) == 1:
            self.restart()

    def begin(self, control: Control, start: int | None = None) -> None:
        """Let a key's world begin anew, and its clock at `start` or where the test's began."""
        begin = self._start if start is None else start
        control.call("POST", "reset", {} if begin is None else {"start": written(begin)})

    def restart(self) -> None:
        """Read the server's clock anew, after a reset."""
        self._base = self.started = self._now_there()
        self._changed()

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        if self._mode == "manual":
            return self._base
        return self._now_there()

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the start."""
        return self.now() - self.started

    def advance(self, nanoseconds: int) -> None:
        """Move every key's clock forward. Whoever is answered because of it reads the new time already."""
        self._base += nanoseconds
        try:
            for control in self._controls:
                control.call("POST", "clock/advance", {"seconds": nanoseconds / SECOND})
        except BaseException:
            self._base -= nanoseconds
            raise
        self._changed()

    def next_due(self) -> int | None:
        """Return the reading at which the server sends the next answer that it holds, as far as is known."""
        return self._due

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever the clock was moved; the returned function ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def look(self) -> bool:
        """Ask the server what it is waiting for; False while it is still answering.

        It is asked more than once, so that a connection made just before is taken up meanwhile.
        """
        for _ in range(_LOOKS):
            readings = self._read()
            if any(reading["answering"] for reading in readings):
                return False
        dues = [reading["due_in"] for reading in readings if reading["due_in"] is not None]
        self._due = self._base + round(min(dues) * SECOND) if dues else None
        return True

    def _now_there(self) -> int:
        seconds: float = self._read()[0]["now"]
        return round(seconds * SECOND)

    def _read(self) -> list[dict[str, Any]]:
        return [control.call("GET", "clock") for control in self._controls]

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()


class RemoteMock(Mock):
    """The mock of one API on a running server, in a world of its own: that of a fresh key."""

    def __init__(self, bench: Bench, api: str) -> None:
        super().__init__(bench)
        dialect, options = apis.load(api), bench.options
        if bench.marked.switches:
            raise UsageError("The switches of a running server are its own: start it with --switch.")
        self.api, self.host = api, dialect.host
        self.api_key = bench.marked.key_of(dialect.prefix, f"{dialect.prefix}t{uuid4().hex}")
        self._control = Control(str(options.url), self.api_key, options.token)
        self._clock = bench.remote_clock
        self._clock.take(self._control)
        self.clock = TestClock(self._clock, bench.patience.excuse)
        bench.ports.add(urlsplit(self.url).port or 80)
        self.take_up()

    @classmethod
    @contextmanager
    def made(cls, bench: Bench, api: str) -> Iterator[RemoteMock]:
        """Make one for the length of a `with` block."""
        mock = cls(bench, api)
        try:
            yield mock
        finally:
            mock._control.close()

    @property
    def url(self) -> str:
        return str(self._bench.options.url)

    @property
    def transport(self) -> Any:
        raise UsageError("A running server (--jobmock-url) can't be reached in process: use `url`.")

    @property
    def journal(self) -> Sequence[Exchange]:
        return [_exchange(row) for row in self._control.call("GET", "journal")["exchanges"]]

    @property
    def busy(self) -> bool:
        return not self._clock.look()

    def ended(self) -> int:
        terminal = apis.load(self.api).terminal
        return sum(job["status"] in terminal for job in self._control.call("GET", "jobs"))

    def take_up(self) -> None:
        for scenario in self._bench.marked.scenarios:
            if not isinstance(scenario, str) or scenario.partition("/")[0] in (self.api, scenario):
                self._control.call("PUT", "scenario", {"scenario": _given(scenario)})

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        given = _given(scenario)
        self._control.call("PUT", "scenario", {"scenario": given})
        made = self._control.call("POST", "jobs", {"scenario": given, **({"id": job_id} if job_id else {})})
        return PlayedJob(made["id"], made["scenario"])

    def _begin(self, start: int | None) -> None:
        self._clock.begin(self._control, start)
        self._clock.restart()

    def played(self) -> Mapping[str, Callable[[], str]]:
        names = [job["scenario"] for job in self._control.call("GET", "jobs")]
        return {name: lambda: "# It is on the server.\n" for name in names}

    def write_traffic(self, path: Path) -> None:
        """Write nothing: the traffic was the server's."""

    def judge(self, outcome: str | None, job: str | None) -> Verdict:
        query = urlencode({name: value for name, value in (("outcome", outcome), ("job", job)) if value})
        told = self._control.call("GET", f"findings?{query}")
        findings = [_finding(row, self._bench.manners.severity(row["rule"])) for row in told["findings"]]
        kept = tuple(finding for finding in findings if finding.severity != "off")
        return Verdict(findings=kept, not_judged=tuple(told["not_judged"]))


def _given(scenario: str | Path | Mapping[str, Any] | Scenario) -> Any:
    """Return a scenario as the control API takes it."""
    from jobmock import catalogue
    from jobmock.scenario import from_file, to_mapping

    if isinstance(scenario, Path) or (isinstance(scenario, str) and scenario.endswith(catalogue.SUFFIXES)):
        scenario = from_file(Path(scenario))
    return to_mapping(scenario) if isinstance(scenario, Scenario) else scenario


def _exchange(row: dict[str, Any]) -> Exchange:
    known = {name: row[name] for name in Exchange._fields}
    known["at"] = round(row["at"] * SECOND)
    known |= {name: None if row[name] is None else round(row[name] * SECOND) for name in ("retry", "made", "held")}
    known["page"] = row["page"] and Told(**row["page"])
    return Exchange(**known)


def _finding(row: dict[str, Any], severity: str) -> Finding:
    known = {field.name: row[field.name] for field in fields(Finding)}
    return Finding(**{**known, "severity": severity, "exchanges": tuple(row["exchanges"])})
