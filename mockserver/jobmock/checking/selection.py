"""Which of the recorded exchanges are checked: those of a period, and those of one job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ..clock import SECOND
from ..errors import UsageError
from .exchange import LiveExchange
from .received_answer import ReceivedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The period (nanoseconds since the Unix epoch; None is open) and the job (empty: all) of the exchanges."""

    since: int | None = None
    until: int | None = None
    job: str = ""

    def why_left_out(self, answer: ReceivedAnswer) -> str:
        """Return why an answer isn't one of these, empty if it is."""
        return self.why_out_of_period(answer.exchange) or self.why_other_job(answer)

    def why_out_of_period(self, exchange: LiveExchange) -> str:
        """Return why an exchange isn't in the period, empty if it is."""
        if self.since is None and self.until is None:
            return ""
        if not exchange.at:
            return "without a time"
        if self.since is not None and exchange.at < self.since:
            return "before --since"
        return "not before --until" if self.until is not None and exchange.at >= self.until else ""

    def why_other_job(self, answer: ReceivedAnswer) -> str:
        """Return why an answer isn't about the job, empty if it is. The answer to a start names the job."""
        if not self.job:
            return ""
        job = answer.params.get("job")
        if job is None:
            job = answer.api.job_id_in(answer.body, answer.exchange.headers)
        return "" if job == self.job else "of another job"


ALL = Selection()
"""Every exchange."""


def parse_time(text: str, option: str) -> int:
    """Return a time in ISO 8601 in nanoseconds; without a zone it is UTC. Raises UsageError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        allowed = "Give it in ISO 8601, such as 2026-01-31 or 2026-01-31T12:00:00Z."
        raise UsageError(f"{option} {text!r} is no time. {allowed}") from None
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * SECOND)
