"""What a client learned from answers.

An answer is *delivered* unless it was lost. An answer with the content type of a web page is *doubtful*: some clients
read it and some don't, so rules neither blame the client for it nor assume that the client knows its content.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..dialect.api import Api
from ..models import Exchange

_DOUBTFUL_FAULT = "corrupt wrong_content_type"
_TEMPORARY_REFUSALS = frozenset({408, 425, 429})
"""Statuses of refusals that are temporary; every other 4xx is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAnswers:
    """Reads what the client learned from an API's answers; `lost` are the numbers of the exchanges without one."""

    api: Api
    lost: AbstractSet[int]

    def is_delivered(self, exchange: Exchange) -> bool:
        """Return whether the client received the answer."""
        return exchange.number not in self.lost

    def is_doubtful(self, exchange: Exchange) -> bool:
        """Return whether the client may have read the answer, or may have rejected it."""
        return exchange.fault == _DOUBTFUL_FAULT and exchange.number in self.lost

    def is_unread(self, exchange: Exchange) -> bool:
        """Return whether the client certainly got no answer, or none that can be read."""
        return exchange.number in self.lost and exchange.fault != _DOUBTFUL_FAULT

    def is_accepted(self, exchange: Exchange) -> bool:
        """Return whether the client received an answer that isn't an error."""
        return exchange.status < 400 and exchange.number not in self.lost

    def job_status(self, exchange: Exchange) -> str | None:
        """Return the job's status in a received answer; None for errors, and for a job that can't be found."""
        return exchange.state if self.is_delivered(exchange) and exchange.status < 300 else None

    def is_end(self, exchange: Exchange) -> bool:
        """Return whether the client received a terminal status."""
        return self.job_status(exchange) in self.api.terminal

    def is_success(self, exchange: Exchange) -> bool:
        """Return whether the client received the success: the terminal status that shows everybody."""
        return self.api.is_success(self.job_status(exchange))

    def is_running(self, exchange: Exchange) -> bool:
        """Return whether the client received a documented status that isn't terminal."""
        return bool(self.api.transitions.get(self.job_status(exchange) or ""))

    def is_unknown_status(self, exchange: Exchange) -> bool:
        """Return whether the client received an undocumented status."""
        state = self.job_status(exchange)
        return state is not None and state not in self.api.transitions

    def is_refusal(self, exchange: Exchange) -> bool:
        """Return whether the client received a final refusal."""
        final = 400 <= exchange.status < 500 and exchange.status not in _TEMPORARY_REFUSALS
        return final and self.is_delivered(exchange)

    def is_error(self, exchange: Exchange) -> bool:
        """Return whether the client received an error of any kind."""
        return self.is_delivered(exchange) and exchange.status >= 400

    def is_temporary_failure(self, exchange: Exchange) -> bool:
        """Return whether an exchange failed temporarily, without a Retry-After.

        An answer that the client didn't wait for is no failure: the time before the next request is the client's
        timeout.
        """
        if not self.is_delivered(exchange):
            return self.is_unread(exchange) and (exchange.fault or "").startswith(("disconnect", "corrupt"))
        return exchange.retry is None and (exchange.status == 429 or exchange.status >= 500)
