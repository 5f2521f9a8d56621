"""The real API in a mock's place: the same tests, with a key from the environment, as far as a real API goes.

What only a mock can do skips the test, and says so: to play a scenario, to move the clock, to tell what it was asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from jobmock import apis
from jobmock.etiquette import RULES, Verdict

from .marker import Marked
from .mock import Mock, PlayedJob
from .options import Options
from .testclock import TestClock

if TYPE_CHECKING:
    from jobmock.models import Exchange

    from .session import Bench

_MARKED = "mark it live=True if it holds for the real API as well"


def check(options: Options, marked: Marked, pattern: str | None) -> None:
    """Skip a test that chooses what a mock does, unless it says that it holds live too. Raises pytest.UsageError."""
    if options.url:
        raise pytest.UsageError("--jobmock-live is the real API, --jobmock-url a running mock. Give one of the two.")
    if pattern:
        _skip("the test is run once for each scenario")
    if marked.live:
        return
    for what, chosen in (("a scenario", marked.scenarios), ("switches", marked.switches), ("a key", marked.key)):
        if chosen:
            _skip(f"the test chooses {what}; {_MARKED}")


class LiveClock(TestClock):
    """Real time, which nobody moves."""

    def advance(self, seconds: float) -> None:
        _skip("time can't be moved")


class LiveMock(Mock):
    """The real API, at its own host or where the environment says (`CLADO_BASE_URL`)."""

    live = True

    def __init__(self, bench: Bench, api: str) -> None:
        from jobmock.checking.addresses import address
        from jobmock.checking.keys import key_in

        super().__init__(bench)
        dialect, name = apis.load(api), api.upper()
        self.api, self.host = api, dialect.host
        self.api_key = key_in(f"{name}_API_KEY")
        if not self.api_key:
            _skip(f"the environment has no {name}_API_KEY")
        url = f"{name}_BASE_URL"
        self._url = str(address(os.environ.get(url) or f"https://{dialect.host}", url)).rstrip("/")
        self.clock = LiveClock(bench.clock)

    @classmethod
    @contextmanager
    def made(cls, bench: Bench, api: str) -> Iterator[LiveMock]:
        """Make one for the length of a `with` block."""
        yield cls(bench, api)

    @property
    def url(self) -> str:
        return self._url

    @property
    def transport(self) -> Any:
        _skip("the real API can't be reached in process; a client that uses `url` can run live")

    @property
    def journal(self) -> Sequence[Exchange]:
        _skip("the real API doesn't tell what it was asked")

    @property
    def busy(self) -> bool:
        return False

    def ended(self) -> int:
        return 0

    def take_up(self) -> None:
        """Do nothing: the real API plays what it plays."""

    def _play(self, scenario: Any, job_id: str | None) -> PlayedJob:
        _skip("it plays no scenario; a client that starts its job itself can run live")

    def _begin(self, start: int | None) -> None:
        _skip("it can't begin anew")

    def played(self) -> Mapping[str, Callable[[], str]]:
        return {}

    def write_traffic(self, path: Path) -> None:
        """Write nothing: live traffic holds personal data."""

    def judge(self, outcome: str | None, job: str | None) -> Verdict:
        """Judge nothing: there is no journal, and the same test judges the client with a mock."""
        return Verdict(findings=(), not_judged=tuple(RULES))


def _skip(why: str) -> NoReturn:
    pytest.skip(f"--jobmock-live: {why}.")
