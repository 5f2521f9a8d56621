"""Pairs of a wrong and a correct client on every clock: what the rules should find, and what they find."""

from __future__ import annotations

from collections.abc import Mapping

from tests.campaigns.clients.clocks import MANUAL, REAL, SCALED, SKIP_DELAYS, TWO_CLOCKS, VIRTUAL, ClockKind
from tests.campaigns.clients.judging import Run, broken_in_own_time, run_program
from tests.campaigns.clients.planted_outcomes import OUTCOMES
from tests.campaigns.clients.planted_requests import REQUESTS
from tests.campaigns.clients.planted_waits import WAITS
from tests.campaigns.clients.planting import Pair
from tests.campaigns.clients.simulation import Limits

PAIRS: tuple[Pair, ...] = (*WAITS, *REQUESTS, *OUTCOMES)
"""Every pair."""
_SLEEPS, _TICKS, *_ = MANUAL
_SLOW = tuple(kind for kind in SCALED if kind.speed < 10)

BY_REQUESTS = (VIRTUAL, REAL, SKIP_DELAYS, *SCALED, _SLEEPS, _TICKS)
"""Clocks on which a bug is found that shows in the requests alone. On others a scenario may not come so far."""
BY_WAITS = (VIRTUAL, REAL, SKIP_DELAYS, *_SLOW, _SLEEPS)
"""Clocks on which a bug is found that shows in the waits. A fast clock makes short waits long."""
KNOWN_ON: Mapping[str, tuple[ClockKind, ...]] = {
    **dict.fromkeys(("polled-too-fast", "no-back-off", "no-deadline", "gave-up-early", "started-over"), BY_WAITS),
    "retry-after-ignored": (*BY_WAITS, *SCALED),
}
"""The clocks on which a rule must find its bugs, if they aren't those of `BY_REQUESTS`."""


def must_be_found(pair: Pair, kind: ClockKind) -> bool:
    """Return whether the rules can know the bug of a pair on a clock."""
    return kind in KNOWN_ON.get(pair.rule, BY_REQUESTS) and str(kind) not in pair.unknown_on


def rules_found(pair: Pair, kind: ClockKind = VIRTUAL, *, correct: bool = False) -> tuple[set[str], Run]:
    """Run one client of a pair on a clock; return the rules that found something, with the run."""
    program = pair.correct() if correct else pair.wrong()
    ran = run_program(program, pair.api, pair.played, kind, limits=Limits(requests=pair.requests))
    return {finding.rule for finding in ran.findings}, ran


def is_silent(pair: Pair, kind: ClockKind, found: set[str], ran: Run) -> bool:
    """Return whether the bug shows in the client's own time, and the verdict neither finds it nor names its rule."""
    return pair.rule not in found | ran.not_judged and pair.rule in broken_in_own_time(ran, kind)


def complaints(pair: Pair, kind: ClockKind) -> list[str]:
    """Return in words where the rules are wrong about the two clients of a pair on a clock."""
    found, ran = rules_found(pair, kind)
    said = [f"{rule} finds something too" for rule in sorted(found - {pair.rule, *pair.also})]
    if pair.rule not in found and must_be_found(pair, kind):
        said.append(f"{pair.rule} finds nothing ({ran.outcome} {ran.raised or ''})".strip())
    if kind in TWO_CLOCKS and is_silent(pair, kind, found, ran):
        said.append(f"{pair.rule} is neither found nor named as not judged")
    accused, _ = rules_found(pair, kind, correct=True)
    return said + [f"the correct client is accused by {rule}" for rule in sorted(accused)]
