"""How jobs and clocks are shown."""

from __future__ import annotations

from typing import Any

from ...clock import SECOND, Clock
from ...engine.jobs import Job
from ...engine.namespace import Namespace


def job(namespace: Namespace, shown: Job) -> dict[str, Any]:
    """Return how a job stands now; `elapsed` is in seconds."""
    now = namespace.clock.now()
    return {
        "id": shown.id, "api": namespace.api, "scenario": shown.plan.name, "status": shown.stage(now).status,
        "polls": shown.polls, "elapsed": (now - shown.created) / SECOND,
    }  # fmt: skip


def reading(clock: Clock, answering: int) -> dict[str, Any]:
    """Return what a clock says; `now` is in seconds since the Unix epoch.

    `due_in` is how many of the clock's seconds the next answer is held, null where none is; `answering` is how many
    requests are being answered just now, by the whole server.
    """
    due = clock.next_due()
    return {
        "mode": clock.mode, "speed": clock.speed, "now": clock.now() / SECOND, "elapsed": clock.elapsed / SECOND,
        "due_in": None if due is None else (due - clock.now()) / SECOND, "answering": answering,
    }  # fmt: skip
