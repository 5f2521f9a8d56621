"""Random scenarios and random poll times, compared with a model that computes the interval of each step.

The model (in the tests of `progression`) knows all polls and keeps no state; the engine knows only its state. Many poll
times are at the exact end of a step, or the nanosecond before.
"""

from __future__ import annotations

from random import Random

from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.engine.test_progression import FOREVER, expected, intervals, placed
from tests.support import EPOCH

from jobmock.clock import SECOND
from jobmock.engine.progression import Stage, State, poll, settle
from jobmock.models import After

SCENARIOS = 20_000


def draw_stages(rng: Random) -> tuple[Stage, ...]:
    """Draw the stages of a scenario of up to nine steps."""
    def end() -> After:
        if rng.random() < 0.5:
            return After(polls=rng.randrange(1, 5))
        return After(time=rng.choice([rng.randrange(1, 5), rng.randrange(1, 60 * SECOND)]))

    return placed(*[end() for _ in range(rng.randrange(9))])


def next_moment(rng: Random, script: tuple[Stage, ...], created: int, times: list[int], now: int) -> int:
    """Draw the time of the next poll: now, soon, later, or at the end of the current step."""
    kind = rng.random()
    if kind < 0.3:
        end = next(held.end for held in intervals(script, created, times) if now < held.end)
        return max(now, end - rng.randrange(2)) if end < FOREVER else now
    return now + rng.choice([0, rng.randrange(5), rng.randrange(200 * SECOND)])


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, polls = Report("engine"), Random(seed), 0
    number = scaled(SCENARIOS, fraction, 100)
    for _ in progress_bar(range(number), "Scenarios"):
        script, created = draw_stages(rng), rng.choice([0, EPOCH])
        polls += _play(script, created, rng, report)
    return report.end(f"{number} scenarios, {polls} polls")


def _play(script: tuple[Stage, ...], created: int, rng: Random, report: Report) -> int:
    """Play one scenario beside the model; return the number of polls."""
    state, now, times = State(0, created), created, list[int]()
    for _ in range(rng.randrange(1, 20)):
        now = next_moment(rng, script, created, times, now)
        model = expected(script, created, times, now)
        if rng.random() < 0.3:
            state = settle(script, state, now)
        stage, state = poll(script, state, now)
        times.append(now)
        detail = f"{[step.after for step in script]}, made at {created}, polls at {times}"
        report.check(stage is script[model], "another step than the model's", f"{stage.number}, not {model}: {detail}")
        steps = intervals(script, created, times)
        current = expected(script, created, times, now)
        wanted = State(current, steps[current].start, len(steps[current].answers))
        found = settle(script, state, now)
        report.check(found == wanted, "another state than the model's", f"{found}, not {wanted}: {detail}")
    return len(times)
