"""How requests ended for the client."""

from __future__ import annotations

from typing import Literal

from ..models import SPOILING, Exchange

Outcome = Literal["answered", "refused", "broken", "lost"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "refused", "broken", "lost")


def outcome_of(exchange: Exchange, is_lost: bool) -> Outcome:
    """Return how a request ended. `is_lost` says that no client can have received the answer.

    `refused` is an error status. `broken` is an answer that a fault of the scenario made unreadable. `lost`
    is one for which the client didn't wait. An answer that came late or in pieces is `answered`.
    """
    if exchange.fault is not None and exchange.fault.partition(" ")[0] in SPOILING:
        return "broken"
    if is_lost:
        return "lost"
    return "refused" if exchange.status >= 400 else "answered"
