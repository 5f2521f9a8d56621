"""The real API in a mock's place: the same tests, with a key from the environment.

A test is skipped, with the reason, when it uses what only a mock has: a scenario, a clock to move, a journal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import pytest

from jobmock import apis
from jobmock.etiquette import RULES, ReturnedValue, Verdict
from jobmock.proxies import proxies

from ..clock import MockClock
from ..marker import MarkerArguments
from ..options import Options
from .mock import Mock, PlayedJob

if TYPE_CHECKING:
    import ssl

    from jobmock.coverage import Coverage
    from jobmock.models import Exchange

    from .context import MockContext

_ADVICE = "mark it live=True if it holds for the real API too"


def skip_unless_live(options: Options, arguments: MarkerArguments, pattern: str | None) -> None:
    """Skip a test that chooses what a mock does, unless its marker says `live=True`. Raises pytest.UsageError."""
    if options.url:
        raise pytest.UsageError("--jobmock-live is the real API, --jobmock-url a running mock. Give one of the two.")
    if pattern:
        _skip("the test is run once for each scenario")
    if arguments.live:
        return
    choices = {"a scenario": arguments.scenarios, "switches": arguments.switches, "a key": arguments.key}
    for what, chosen in choices.items():
        if chosen:
            _skip(f"the test chooses {what}; {_ADVICE}")


class LiveClock(MockClock):
    """Real time, which can't be moved."""

    def advance(self, seconds: float) -> None:
        _skip("real time can't be moved")


class LiveMock(Mock):
    """The real API, at its own host or at the URL in the environment (`CLADO_BASE_URL`)."""

    live = True

    def __init__(self, session: MockContext, api: str) -> None:
        from jobmock.checking.addresses import parse_address
        from jobmock.checking.api_keys import key_from_environment

        super().__init__(session)
        dialect, name = apis.load(api), api.upper()
        self.api, self.host = api, dialect.host
        self.api_key = key_from_environment(f"{name}_API_KEY")
        if not self.api_key:
            _skip(f"the environment has no {name}_API_KEY")
        url = f"{name}_BASE_URL"
        self._url = str(parse_address(os.environ.get(url) or f"https://{dialect.host}", url)).rstrip("/")
        self.clock = LiveClock(session.clock)

    @classmethod
    @contextmanager
    def opened(cls, session: MockContext, api: str) -> Iterator[LiveMock]:
        """Yield the real API in a mock's place; there is nothing to close."""
        yield cls(session, api)

    @property
    def url(self) -> str:
        return self._url

    def address(self, tls: ssl.SSLContext | None) -> tuple[str, int]:
        _skip("no call to the real API is led elsewhere")

    @property
    def direct_hosts(self) -> Sequence[str]:
        return ()

    @property
    def _always_allowed(self) -> Sequence[str]:  # type: ignore[override]
        return self.host, urlsplit(self._url).hostname or "", *(host for host, _ in proxies().values())

    @property
    def transport(self) -> Any:
        _skip("the real API can't be reached in process; a client that uses `url` can run live")

    @property
    def journal(self) -> Sequence[Exchange]:
        _skip("the real API has no journal of its requests")

    @property
    def busy(self) -> bool:
        return False

    def ended_jobs(self) -> int:
        return 0

    def apply_marker(self) -> None:
        """Do nothing: the real API plays no scenario."""

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        _skip("the real API plays no scenario; a client that starts its job itself can run live")

    def _clear(self, start: int | None) -> None:
        _skip("the real API can't be reset")

    def played(self) -> Mapping[str, Callable[[], str]]:
        return {}

    def write_traffic(self, path: Path) -> None:
        """Write nothing: live traffic holds personal data."""

    def coverage(self) -> Coverage:
        _skip("the real API has no journal of its requests")

    def judge(self, outcome: str | None, job: str | None, returned: ReturnedValue | None = None) -> Verdict:
        """Judge nothing: there is no journal, and the same test judges the client with a mock."""
        return Verdict(findings=(), not_judged=dict.fromkeys(RULES, "The real API has no journal."))


def _skip(reason: str) -> NoReturn:
    pytest.skip(f"--jobmock-live: {reason}.")
