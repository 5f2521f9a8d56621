"""Ends a client that polls a job without a deadline, as soon as the rule about that is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..clock import SECOND, Clock
from ..etiquette import Finding, RuleSettings
from ..models import Reply, Request
from .time_limits import Stop

RULE = "no-deadline"
_LOOK = 3_600 * SECOND
"""So long by the clock is it from one look at the rules to the next."""


class EndlessPolling:
    """Looks at the rules from the first request on that may break the rule. `findings` returns what they find."""

    def __init__(
        self, clock: Clock, settings: RuleSettings, findings: Callable[[], Iterable[Finding]],
        requests: Callable[[], int], stop: Callable[[Stop], None],
    ) -> None:  # fmt: skip
        self._clock, self._findings, self._requests, self._stop = clock, findings, requests, stop
        self._next = clock.started + settings.deadline_for(None)

    def note_request(self, request: Request, reply: Reply) -> None:
        """Look at the rules if it is time to. Called in the server's thread."""
        if (now := self._clock.now()) < self._next:
            return
        self._next = now + _LOOK
        if any(finding.rule == RULE and finding.severity == "error" for finding in self._findings()):
            sent = f"{self._requests()} requests in {(now - self._clock.started) / SECOND:g} seconds of its clock"
            text = f"The client polls without a deadline of its own. It was ended after {sent}."
            self._stop(Stop("no deadline", 1, text))
