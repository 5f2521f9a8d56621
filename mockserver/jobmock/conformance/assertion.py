"""`assert_client_conforms`: the conformance suite as a test, in one line; and one case of it for a test of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from ..errors import UsageError, short_repr
from .cases import ACTIONS, Case
from .clients.callable_client import Client
from .clients.choice import SPEED, TIMEOUT, client_under_test
from .expected_failures import read_expected_failures, with_expected
from .playing import play_cases
from .reports import FORMATS
from .scorecard import OK, Scorecard
from .suite import load_suite


def assert_client_conforms(
    client: Client | None = None, *, api: str, command: Sequence[str] | None = None, groups: Sequence[str] = (),
    cases: Sequence[str] = (), capabilities: Collection[str] = ACTIONS, suites: Sequence[Path | str] = (),
    expected_failures: Path | str | None = None, fail_on: str = "must", time: str = "virtual", speed: float = SPEED,
    timeout: float = TIMEOUT,
) -> None:  # fmt: skip
    """Play the conformance suite of an API to a client; raise an AssertionError with the scorecard if it fails.

    `client(task)` gets a `Task`, and returns the value of its call or raises; it may be a coroutine function. `command`
    is run once for each case instead. `groups` and `cases` (patterns) choose some of the cases, `capabilities` are the
    actions that the client can do. `suites` are folders with more cases, `expected_failures` is a file. `time` is
    `virtual`, or `scaled` for a command that can't be in virtual time: then its clock is `speed` times faster.
    `timeout` are the real seconds that a command has for one case. Raises UsageError, ScenarioError, StartError,
    VirtualTimeError.
    """
    __tracebackhide__ = True
    for name, value in (("groups", groups), ("cases", cases), ("capabilities", capabilities), ("suites", suites)):
        if isinstance(value, str):
            raise UsageError(f"{name!r} is a list of texts, not the text {short_repr(value)}.")
    suite = load_suite(api, [Path(folder) for folder in suites])
    chosen = suite.chosen(groups, cases)
    expected = read_expected_failures(Path(expected_failures), suite.cases) if expected_failures else []
    tested = client_under_test(api, client, command, time=time, speed=speed, timeout=timeout)
    results = with_expected(play_cases(tested, chosen, capabilities=capabilities), expected, datetime.now(UTC).date())
    card = Scorecard(api=api, client=tested.name, results=results, fail_on=fail_on)
    if card.exit_code != OK:
        raise AssertionError(_text(card))


@dataclass(frozen=True, slots=True)
class ConformanceCase:
    """One case of a conformance suite, for a test that is run once for each case."""

    case: Case

    @property
    def id(self) -> str:
        """The id of the case."""
        return self.case.id

    @property
    def title(self) -> str:
        """What a correct client does, in one sentence."""
        return self.case.title

    @property
    def action(self) -> str:
        """What the client is asked to do."""
        return self.case.action

    @property
    def severity(self) -> str:
        """`must` or `should`."""
        return self.case.severity

    def check(self, client: Client | None = None, *, command: Sequence[str] | None = None) -> None:
        """Play the case to a client, as `assert_client_conforms` does; raise an AssertionError if the client fails it.

        A `should` case fails as well. Raises UsageError, VirtualTimeError.
        """
        __tracebackhide__ = True
        tested = client_under_test(self.case.api, client, command)
        results = play_cases(tested, [self.case], capabilities=ACTIONS)
        card = Scorecard(api=self.case.api, client=tested.name, results=results, fail_on="should")
        if any(result.is_wrong for result in results):
            raise AssertionError(_text(card))


def _text(card: Scorecard) -> str:
    return f"{card.meaning}\n\n{click.unstyle(FORMATS.render(card, 'text'))}"
