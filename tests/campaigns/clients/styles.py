"""The styles of correct clients: which client, in which program, with which settings, in which runtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.campaigns.clients import programs, readers, variants
from tests.campaigns.clients.programs import Program
from tests.campaigns.clients.reference import Settings
from tests.campaigns.clients.variants import Variant

MakeProgram = Callable[..., Program]
_BOTH = ("clado", "orbit")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Style:
    """One style. `chosen` are settings that make it; the others are drawn for each client."""

    name: str
    kind: type[Variant] = Variant
    make: MakeProgram = programs.alone
    named: dict[str, Any] = field(default_factory=dict)
    chosen: dict[str, Any] = field(default_factory=dict)
    apis: tuple[str, ...] = _BOTH
    runtime: str = "sync"

    def __repr__(self) -> str:
        return self.name

    def program(self, api: str, rng: Random, factor: float = 1, **more: Any) -> Program:
        """Draw a client of this style, with some settings given; its intervals are divided by `factor`."""
        settings = _faster(replace(_drawn_settings(rng), **{**more, **self.chosen}), factor)
        return self.make(self.kind, api, settings, rng, **self.named)


def _drawn_settings(rng: Random) -> Settings:
    return Settings(
        interval=rng.choice((1, 2, 5, 10, rng.uniform(1, 60))),
        growth=rng.choice((1, 1, rng.uniform(1, 2))),
        longest=rng.uniform(60, 300),
        deadline=rng.uniform(26 * 60, 2 * 3600),
        first_wait=rng.uniform(0.5, 5),
        wait_growth=rng.uniform(1.5, 4),
        longest_wait=rng.uniform(30, 120),
        page_size=rng.choice((1, 7, 10, 25, 100)),
        missing=rng.choice((0, 0, 1)),
        profile=rng.random() < 0.7,
        unknown=rng.choice(("poll", "poll", "raise")),
        failures=rng.choice(("raise", "raise", "return")),
    )


_SHORTEST_DEADLINE = 300
"""Nobody shortens a Retry-After, so a deadline must leave room for some."""
_INTERVALS = ("interval", "longest", "first_wait", "longest_wait")


def _faster(settings: Settings, factor: float) -> Settings:
    shorter = {name: getattr(settings, name) / factor for name in _INTERVALS}
    deadline = settings.deadline if factor <= 1 else max(_SHORTEST_DEADLINE, settings.deadline / factor)
    return replace(settings, deadline=deadline, **shorter)


_CLADO = ("clado",)
_SAME = ("worker/1", "worker/1")
_LONG = {"interval": 300, "longest": 300}
STYLES = (
    Style(name="sync"),
    Style(name="asyncio", runtime="asyncio"),
    Style(name="trio", runtime="trio"),
    Style(name="callbacks", runtime="callbacks"),
    Style(name="threads", runtime="threads"),
    Style(name="timers", runtime="timers"),
    Style(name="executor", runtime="executor"),
    Style(name="full-jitter", kind=variants.FullJitter),
    Style(name="equal-jitter", kind=variants.EqualJitter),
    Style(name="decorrelated-jitter", kind=variants.DecorrelatedJitter),
    Style(name="jitter-after-retry-after", kind=variants.JitterAfterRetryAfter),
    Style(name="linear", kind=variants.Linear),
    Style(name="fibonacci", kind=variants.Fibonacci),
    Style(name="exponential", chosen={"interval": 1, "growth": 2}),
    Style(name="long", chosen=_LONG),
    Style(name="fast-then-slow", kind=variants.FastThenSlow),
    Style(name="constant-error-waits", kind=variants.ConstantErrorWaits),
    Style(name="cache-buster", kind=readers.CacheBuster),
    Style(name="cache-buster-asyncio", kind=readers.CacheBuster, runtime="asyncio"),
    Style(name="cache-buster-paged", kind=readers.CacheBuster, chosen={"poll": "page=1&page_size=1"}, apis=_CLADO),
    Style(name="parallel-pages", kind=readers.ParallelPages, runtime="threads", apis=_CLADO),
    Style(name="parallel-pages-asyncio", kind=readers.ParallelPages, runtime="asyncio", apis=_CLADO),
    Style(name="walk-up", kind=readers.PollsPages, apis=_CLADO),
    Style(name="counts-pages", kind=readers.CountsPages, apis=_CLADO),
    Style(name="walk-down", kind=readers.WalksDown, apis=_CLADO),
    Style(name="one-person-polls", kind=readers.PollsOnePerson, apis=_CLADO),
    Style(name="whole-at-once", kind=readers.ReadsTheWhole, apis=_CLADO),
    Style(name="no-walk", chosen={"walk": False}, apis=_CLADO),
    Style(name="read-once-more", kind=readers.ReadsOnceMore, chosen={"walk": False}),
    Style(name="streaming", kind=readers.Streams),
    Style(name="streaming-asyncio", kind=readers.Streams, runtime="asyncio"),
    Style(name="streaming-first-page", kind=readers.StreamsAndWalks),
    Style(name="shared-job", make=programs.shared, runtime="threads"),
    Style(name="shared-job-asyncio", make=programs.shared, runtime="asyncio"),
    Style(name="shared-job-same-agent", make=programs.shared, named={"agents": _SAME}, runtime="threads"),
    Style(name="resumed", make=programs.resumed),
    Style(name="resumed-same-agent", make=programs.resumed, named={"agents": _SAME}),
    Style(name="resumed-after-a-pause", make=programs.resumed, named={"pause": 90.0}),
    Style(name="many-jobs", make=programs.many, named={"at_once": False}),
    Style(name="many-jobs-at-once", make=programs.many, named={"at_once": True}, runtime="threads"),
    Style(name="many-jobs-asyncio", make=programs.many, named={"at_once": True}, runtime="asyncio"),
    Style(name="looked-up-25-hours-later", make=programs.looked_up_later, named={"pause": 25 * 3600.0}),
    Style(name="refreshed-a-minute-later", make=programs.looked_up_later, named={"pause": 60.0}),
    Style(name="continues", kind=readers.Continues, apis=_CLADO),
    Style(name="cancels", kind=readers.Cancels, apis=_CLADO),
    Style(name="cancels-at-the-deadline", kind=readers.CancelsAtTheDeadline, chosen={"deadline": 1_000}, apis=_CLADO),
    Style(name="counts-credits", kind=readers.CountsCredits, apis=_CLADO),
    Style(name="patient-at-404", chosen={"missing": 2}),
    Style(name="returns-failures", chosen={"failures": "return"}),
    Style(name="raises-at-unknown", chosen={"unknown": "raise"}),
    Style(name="short-timeout", named={"timeout": 2.0}),
    Style(name="any-content-type", named={"strict": False}),
    Style(name="callbacks-with-jitter", kind=variants.FullJitter, runtime="callbacks"),
    Style(name="trio-streaming", kind=readers.Streams, runtime="trio"),
)
