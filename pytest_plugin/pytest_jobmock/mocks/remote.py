"""The mock on a running server: the same test against a `jobmock serve`, through its control API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from jobmock import apis
from jobmock.client_reports.activity import KeyActivity, KnownJob
from jobmock.clock import SECOND
from jobmock.engine.jobs import StatusSpan
from jobmock.errors import UsageError
from jobmock.etiquette import RULES, Finding, ReturnedValue, RuleSettings, Verdict
from jobmock.models import Exchange, PageInfo, Scenario
from jobmock.preloads.control_client import ControlClient
from jobmock.virtual import in_real_time

from ..clock import MockClock
from .mock import Mock, PlayedJob

if TYPE_CHECKING:
    import ssl

    from jobmock.coverage import Coverage
    from jobmock.server.listeners import Listener

    from .context import MockContext


class RemoteMock(Mock):
    """The mock of one API on a running server, in the namespace of a new key."""

    def __init__(self, session: MockContext, api: str) -> None:
        super().__init__(session)
        dialect, options = apis.load(api), session.options
        if session.arguments.switches:
            raise UsageError("The switches of a running server are its own: start it with --switch.")
        self.api, self.host = api, dialect.host
        self.api_key = session.arguments.key_for(dialect.prefix, dialect.key(f"t{uuid4().hex}"))
        option = "control" if options.control else "url"
        self._control = ControlClient(getattr(options, option), self.api_key, options.token, f"--jobmock-{option}")
        self._clock = session.remote_clock
        self.clock = MockClock(self._clock, session.deadline.extend)
        self._parts = urlsplit(self.url)
        self._port = self._parts.port or (443 if self._parts.scheme == "https" else 80)
        session.ports.add(self._port)
        self._relays: dict[bool, Listener] = {}

    @classmethod
    @contextmanager
    def opened(cls, session: MockContext, api: str) -> Iterator[RemoteMock]:
        """Yield a mock, and close its connection at the end of the block."""
        mock = cls(session, api)
        try:
            mock._begin()
            yield mock
        finally:
            mock._control.close()
            for relay in mock._relays.values():
                session.server.host.shut(relay)

    def _begin(self) -> None:
        """Make the first calls to the server. Raises UsageError, StartError."""
        self._clock.add(self._control)
        if self._session.coverage:
            self.coverage()  # fails now if the server doesn't count it
        self.apply_marker()

    @property
    def url(self) -> str:
        return str(self._session.options.url)

    @property
    def control_url(self) -> str:
        return str(self._session.options.control or self.url)

    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        from jobmock.server.relay import RelayListener, Upstream

        has_tls = tls is not None
        if has_tls not in self._relays:
            upstream = Upstream(self._parts.hostname or "", self._port, self._parts.scheme == "https")
            with in_real_time():
                relay = self._session.server.host.open(upstream, tls=tls, kind=RelayListener)
            assert isinstance(relay, RelayListener)
            self._relays[has_tls] = relay
            self._clock.add_source(relay.traffic)
            self._session.ports.add(relay.port)
        return "127.0.0.1", self._relays[has_tls].port

    @property
    def direct_hosts(self) -> Sequence[str]:
        return self._parts.hostname or "", self.host

    @property
    def _always_allowed(self) -> Sequence[str]:  # type: ignore[override]
        urls = self.url, self._session.options.control
        return tuple(urlsplit(url).hostname or "" for url in urls if url)

    @property
    def transport(self) -> Any:
        raise UsageError("A running server (--jobmock-url) can't be reached in process: use `url`.")

    @property
    def journal(self) -> Sequence[Exchange]:
        return [_exchange(row) for row in self._control.call("GET", "journal")["exchanges"]]

    def keys(self) -> Sequence[KeyActivity]:
        rows = self._control.call("GET", "journal")["exchanges"]
        if not rows:
            return []
        jobs = {job["id"]: _known_job(job) for job in self._control.call("GET", "timeline")["jobs"]}
        lost = frozenset(row["number"] for row in rows if row["outcome"] == "lost")
        journal = list(map(_exchange, rows))
        return [
            KeyActivity(
                name=None, journal=journal, lost=lost, dropped=self.dropped, known_jobs=jobs, findings=self.findings(),
                now=journal[-1].at,
            )
        ]  # fmt: skip

    @property
    def dropped(self) -> int:
        return int(self._control.call("GET", "journal")["dropped"])

    @property
    def busy(self) -> bool:
        return False  # the server itself moves the clock, once it has answered

    def ended_jobs(self) -> int:
        terminal = apis.load(self.api).terminal
        return sum(job["status"] in terminal for job in self._control.call("GET", "jobs")["jobs"])

    def apply_marker(self) -> None:
        for scenario in self._session.arguments.scenarios:
            if not isinstance(scenario, str) or scenario.partition("/")[0] in (self.api, scenario):
                self._control.call("PUT", "scenario", {"scenario": _for_control(scenario)})

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        given = _for_control(scenario)
        self._control.call("PUT", "scenario", {"scenario": given})
        job = self._control.call("POST", "jobs", {"scenario": given, **({} if job_id is None else {"id": job_id})})
        return PlayedJob(job["id"], job["scenario"])

    def _clear(self, start: int | None) -> None:
        self._clock.reset_namespace(self._control, start)
        self._clock.restart()

    def played(self) -> Mapping[str, Callable[[], str]]:
        names = [job["scenario"] for job in self._control.call("GET", "jobs")["jobs"]]
        return {name: lambda: "# The scenario is on the server.\n" for name in names}

    def write_traffic(self, path: Path) -> None:
        """Write nothing: only the server saw the traffic."""

    def coverage(self) -> Coverage:
        from jobmock.coverage import Coverage

        return Coverage.from_json(self._control.call("GET", "coverage"))

    def judge(self, outcome: str | None, job: str | None, returned: ReturnedValue | None = None) -> Verdict:
        value = None if returned is None else json.dumps({**asdict(returned), "members": sorted(returned.members)})
        time = "virtual" if self._session.virtual else None
        given = {"outcome": outcome, "job": job, "returned": value, "time": time}
        query = urlencode({name: text for name, text in given.items() if text})
        answer = self._control.call("GET", f"findings?{query}")
        findings = [_finding(row, _severity(row, self._session.rule_settings)) for row in answer["findings"]]
        kept = tuple(finding for finding in findings if finding.severity != "off")
        return Verdict(findings=kept, not_judged=answer["not_judged"])


def _for_control(scenario: str | Path | Mapping[str, Any] | Scenario) -> Any:
    """Return a scenario in the form that the control API takes."""
    from jobmock.catalogue import load_scenario, name_or_path
    from jobmock.scenario import to_mapping

    wanted = name_or_path(scenario) if isinstance(scenario, str) else scenario
    return wanted if isinstance(wanted, str) else to_mapping(load_scenario(wanted))


def _exchange(row: dict[str, Any]) -> Exchange:
    """Return the exchange of one row of the server's journal."""
    known = {name: row[name] for name in Exchange._fields}
    known["at"] = round(row["at"] * SECOND)
    readings = ("retry", "made", "held", "arrived")
    known |= {name: None if row[name] is None else round(row[name] * SECOND) for name in readings}
    known["page"] = row["page"] and PageInfo(**row["page"])
    known["switches"] = tuple(row["switches"])
    return Exchange(**known)


def _known_job(row: dict[str, Any]) -> KnownJob:
    """Return the job of one row of the server's timeline."""
    spans = (
        StatusSpan(span["status"], _nanoseconds(span["from"]), span["to"] and _nanoseconds(span["to"]))
        for span in row["spans"]
    )
    return KnownJob(row["scenario"], tuple(spans))


def _nanoseconds(reading: float) -> int:
    return round(reading * SECOND)


def _severity(row: dict[str, Any], settings: RuleSettings) -> str:
    """Return the severity of a finding in this test. The server judged by the default, but for milder cases."""
    is_milder = row["severity"] == "warning" and RULES[row["rule"]].severity == "error"
    severity = settings.severity(row["rule"])
    return "warning" if is_milder and severity == "error" else severity


def _finding(row: dict[str, Any], severity: str) -> Finding:
    """Return the finding of one row of the server's findings, with a severity of this test."""
    known = {field.name: row[field.name] for field in fields(Finding)}
    return Finding(**{**known, "severity": severity, "exchanges": tuple(row["exchanges"])})
