"""Clocks as JSON, with how long it is until something happens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...clock import SECOND, Clock
from ...engine.namespace import Namespace, Namespaces
from ...engine.progression import settle
from ..held_answers import HeldAnswers
from .fields import Body, fields

_MOST_JOBS, _MOST_EXCHANGES = 1_000, 100
"""So many of the newest jobs and exchanges are looked at for the next event."""


def of(namespaces: Namespaces, held_answers: HeldAnswers, namespace: Namespace | None, body: Body) -> dict[str, Any]:
    """Return the state of a namespace's clock, or of the clock of requests without a key.

    Raises Problem for a field.
    """
    fields(body, {}, {})
    clock = namespace.clock if namespace else namespaces.clock
    return {**reading(clock), "next_in": next_in(namespace), "answering": held_answers.busy}


def reading(clock: Clock) -> dict[str, Any]:
    """Return the reading of a clock. `now` and `started` are seconds since 1970.

    `due_in` is how many seconds of the clock the next answer is held, null where none is.
    """
    now, due = clock.now(), clock.next_due()
    return {
        "mode": clock.mode, "speed": clock.speed, "now": now / SECOND, "started": clock.started / SECOND,
        "elapsed": (now - clock.started) / SECOND, "due_in": None if due is None else (due - now) / SECOND,
    }  # fmt: skip


def next_in(namespace: Namespace | None) -> float | None:
    """Return in how many seconds of its clock the next event of a namespace comes, None where none is known.

    A held answer goes out, a job enters its next step by time, or a Retry-After ends.
    """
    if namespace is None:
        return None
    now = namespace.clock.now()
    first = min((due for due in _events(namespace, now) if due > now), default=None)
    return None if first is None else (first - now) / SECOND


def _events(namespace: Namespace, now: int) -> Iterator[int]:
    due = namespace.clock.next_due()
    yield from () if due is None else (due,)
    for job in islice(reversed(namespace.jobs.values()), _MOST_JOBS):
        state = settle(job.plan.stages, job.state, now)
        after = job.plan.stages[state.step].after
        if after is not None and after.time is not None:
            yield state.entered + after.time
    for exchange in namespace.journal.newest(_MOST_EXCHANGES):
        if exchange.retry is not None:
            yield exchange.retry
