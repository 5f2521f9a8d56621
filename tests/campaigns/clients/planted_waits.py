"""Pairs of clients of which the wrong one polls too often, too long, or doesn't wait as it should."""

from __future__ import annotations

from tests.campaigns.clients.planting import Pair
from tests.support import scenario

_DATE = "return max(0.0, until.total_seconds())"
_DEADLINE = "if self.wire.now() + seconds > self.deadline:"
_POLL_SLEEP = "await self.sleep(self.interval(polls))"
_RETRY_AFTER = 'value = answer.headers.get("retry-after")'
_TOO_MANY = {"respond": "rate_limited", "retry_after": 12}
_WAIT_AFTER = (
    "return min(self.settings.first_wait * self.settings.wait_growth ** (errors - 1), self.settings.longest_wait)"
)
_DAYS = 3_500
"""So many requests a minute apart take more than two days."""
_STUCK = {"interval": 60, "longest": 60}
_UNKNOWN_FOR_EVER = scenario("clado", {"status": "reranking", "violates": ["schema"]})
_START_LIMITED = scenario("clado", "completed", faults=[{"operation": "start", "when": {"request": 1}, **_TOO_MANY}])
_PAGE_LIMITED = scenario(
    "clado", "pending", "completed", results={"count": 60}, faults=[{"when": {"request": 4}, **_TOO_MANY}]
)  # fmt: skip
_PROFILE_LIMITED = scenario(
    "orbit", "running", "completed", faults=[{"operation": "profile", "when": {"request": 1}, **_TOO_MANY}]
)  # fmt: skip
_STARTS_UNAVAILABLE = scenario(
    "orbit", "running", "completed",
    faults=[{"operation": "start", "when": {"request": number}, "respond": {"status": 503}} for number in range(1, 7)],
)  # fmt: skip
_MINUTES_UNAVAILABLE = scenario(
    "clado", {"status": "pending", "after": {"seconds": 400}}, "completed",
    faults=[{"when": {"seconds": {"from": 10, "to": 300}}, "respond": "unavailable", "retry_after": "absent"}],
)  # fmt: skip
_NO_STARTS = scenario(
    "clado", "completed", faults=[{"operation": "start", "when": {"every": 1}, "respond": "unavailable"}]
)  # fmt: skip
_NO_WAITS = ("manual sleeps",)
"""Where a client's sleep moves the clock, one that never sleeps can't be told from one whose sleep does nothing."""
_FIRST_PAGE = {"poll": "page=1&page_size=25"}

TOO_FAST = (
    Pair(name="interval-in-milliseconds", rule="polled-too-fast", played="clado/usual",
         line=_POLL_SLEEP, becomes="await self.sleep(self.interval(polls) / 1000)"),
    Pair(name="interval-in-milliseconds-orbit", rule="polled-too-fast", played="orbit/usual",
         line=_POLL_SLEEP, becomes="await self.sleep(self.interval(polls) / 1000)"),
    Pair(name="interval-in-milliseconds-paged", rule="polled-too-fast", played="clado/usual", settings=_FIRST_PAGE,
         line=_POLL_SLEEP, becomes="await self.sleep(self.interval(polls) / 1000)"),
    Pair(name="no-wait", rule="polled-too-fast", played="clado/usual", line=_POLL_SLEEP, becomes="pass",
         unknown_on=_NO_WAITS),
    Pair(name="no-wait-with-cache-buster", rule="polled-too-fast", played="clado/usual", kind="CacheBuster",
         line=_POLL_SLEEP, becomes="await self.sleep(0.01)"),
    Pair(name="short-interval", rule="polled-too-fast", played="clado/growing", parameter={"interval": 0.3},
         unknown_on=("scaled ×4",)),
    Pair(name="shrinking-interval", rule="polled-too-fast", played="clado/growing", parameter={"growth": 0.5}),
    Pair(name="jitter-from-nothing", rule="polled-too-fast", played="clado/growing", kind="FullJitter",
         file="variants", line="return self.rng.uniform(1, max(1, super().interval(polls)))",
         becomes="return self.rng.uniform(0, 0.4)"),
    Pair(name="fast-and-never-slow", rule="polled-too-fast", played="orbit/partial", kind="FastThenSlow",
         file="variants",
         line="waits = chain((1, 1, 1, 2, 2, 5, 10), repeat(30))", becomes="waits = chain(repeat(0.2))"),
)  # fmt: skip

RETRY_AFTER = (
    Pair(name="retry-after-in-milliseconds", rule="retry-after-ignored", played="clado/rate-limited-once",
         line="return float(value)", becomes="return float(value) / 1000"),
    Pair(name="retry-after-in-milliseconds-orbit", rule="retry-after-ignored", played="orbit/rate-limited-once",
         line="return float(value)", becomes="return float(value) / 1000"),
    Pair(name="retry-after-of-a-start", rule="retry-after-ignored", played=_START_LIMITED,
         line="return float(value)", becomes="return float(value) / 1000"),
    Pair(name="retry-after-of-a-page", rule="retry-after-ignored", played=_PAGE_LIMITED,
         line="return float(value)", becomes="return float(value) / 1000"),
    Pair(name="retry-after-of-a-profile", rule="retry-after-ignored", played=_PROFILE_LIMITED,
         line="return float(value)", becomes="return float(value) / 1000"),
    Pair(name="retry-after-capped", rule="retry-after-ignored", played="clado/rate-limited-repeatedly",
         line="return float(value)", becomes="return min(10.0, float(value))"),
    Pair(name="retry-after-a-second-early", rule="retry-after-ignored", played="clado/rate-limited-once",
         line="return float(value)", becomes="return float(value) - 1"),
    Pair(name="date-not-read", rule="retry-after-ignored", played="clado/rate-limited-repeatedly",
         line=_DATE, becomes="return 0.0"),
    Pair(name="date-a-second-early", rule="retry-after-ignored", played="clado/rate-limited-repeatedly",
         line=_DATE, becomes="return max(0.0, until.total_seconds() - 1.5)"),
    Pair(name="honours-429-only", rule="retry-after-ignored", played="orbit/unavailable-once",
         line=_RETRY_AFTER, becomes=f"{_RETRY_AFTER} if answer.status == 429 else None"),
    Pair(name="honours-503-only", rule="retry-after-ignored", played="orbit/rate-limited-once",
         line=_RETRY_AFTER, becomes=f"{_RETRY_AFTER} if answer.status == 503 else None"),
    Pair(name="another-header", rule="retry-after-ignored", played="clado/rate-limited-once",
         line=_RETRY_AFTER, becomes='value = answer.headers.get("x-ratelimit-reset")'),
)  # fmt: skip

BACK_OFF = (
    Pair(name="lost-answer-at-once", rule="no-back-off", played="orbit/lost-answers",
         line="pause = self.back_off(errors)", becomes="pause = 0.0"),
    Pair(name="garbled-answer-at-once", rule="no-back-off", played="clado/garbled-answers",
         line="pause = self.back_off(errors)", becomes="pause = 0.0"),
    Pair(name="tenth-of-a-second", rule="no-back-off", played="orbit/rate-limited-repeatedly",
         line=_WAIT_AFTER, becomes="return 0.1"),
    Pair(name="random-half-second", rule="no-back-off", played="orbit/rate-limited-repeatedly", kind="FullJitter",
         file="variants", line="return self.rng.uniform(0, super().back_off(errors))",
         becomes="return self.rng.uniform(0, 0.5)"),
    Pair(name="longer-twice-and-then-nothing", rule="no-back-off", played="orbit/rate-limited-repeatedly",
         line=_WAIT_AFTER, becomes="return float(errors) if errors < 3 else 0.0"),
    Pair(name="shrinking-waits", rule="no-back-off", played="orbit/rate-limited-repeatedly",
         parameter={"wait_growth": 0.5}),
    Pair(name="back-off-in-milliseconds", rule="no-back-off", played="orbit/rate-limited-repeatedly",
         parameter={"longest_wait": 0.06}),
    Pair(name="two-seconds-for-minutes", rule="no-back-off", played=_MINUTES_UNAVAILABLE,
         line="errors += 1", becomes="errors = 1", unknown_on=("scaled ×4",)),
    Pair(name="failed-start-at-once", rule="no-back-off", played=_STARTS_UNAVAILABLE,
         line="await self.wire.sleep(pause)", becomes="await self.wire.sleep(0)"),
    Pair(name="forty-refused-starts", rule="no-back-off", played=_NO_STARTS, program="submitted",
         settings={"attempts": 1}, file="programs", line="raise", becomes="continue", unknown_on=_NO_WAITS),
)  # fmt: skip

DEADLINE = (
    Pair(name="no-deadline", rule="no-deadline", played="clado/stuck", settings=_STUCK,
         line=_DEADLINE, becomes="if False:", requests=_DAYS),
    Pair(name="no-deadline-at-an-unknown-status", rule="no-deadline", played=_UNKNOWN_FOR_EVER, settings=_STUCK,
         line=_DEADLINE, becomes="if False:", requests=_DAYS),
    Pair(name="deadline-of-ten-days", rule="no-deadline", played="clado/stuck", settings=_STUCK,
         parameter={"deadline": 864_000}, requests=_DAYS),
    Pair(name="deadline-moves-on", rule="no-deadline", played="clado/stuck", settings=_STUCK,
         line="polls += 1", becomes="polls, self.deadline = polls + 1, self.wire.now() + self.settings.deadline",
         requests=_DAYS),
)  # fmt: skip

WAITS = (*TOO_FAST, *RETRY_AFTER, *BACK_OFF, *DEADLINE)
