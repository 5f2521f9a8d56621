"""The values that modules exchange: scenarios, requests, replies, exchanges. Times are integer nanoseconds."""

from .exchanges import Exchange, PageInfo, Reply, Request
from .scenarios import (
    MOST_PEOPLE,
    NOTHING,
    SPOILING,
    After,
    Change,
    Delay,
    Drip,
    Fault,
    Limit,
    More,
    Pages,
    Respond,
    Results,
    RetryAfter,
    Scenario,
    Step,
    When,
)

__all__ = [
    "MOST_PEOPLE", "NOTHING", "SPOILING", "After", "Change", "Delay", "Drip", "Exchange", "Fault", "Limit", "More",
    "PageInfo", "Pages", "Reply", "Request", "Respond", "Results", "RetryAfter", "Scenario", "Step", "When",
]  # fmt: skip
