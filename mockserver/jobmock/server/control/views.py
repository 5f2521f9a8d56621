"""Jobs and clocks as JSON."""

from __future__ import annotations

from typing import Any

from ...clock import SECOND, Clock
from ...engine.jobs import Job
from ...engine.namespace import Namespace


def job(namespace: Namespace, shown: Job) -> dict[str, Any]:
    """Return the present state of a job; `elapsed` is in seconds."""
    now = namespace.clock.now()
    return {
        "id": shown.redacted, "api": namespace.api, "scenario": shown.plan.name, "status": shown.stage(now).status,
        "polls": shown.polls, "elapsed": (now - shown.created) / SECOND,
    }  # fmt: skip


def reading(clock: Clock, answering: int) -> dict[str, Any]:
    """Return the state of a clock; `now` is in seconds since the Unix epoch.

    `due_in` is how many seconds of the clock the next answer is held, null where none is. `answering` is how many
    requests the whole server is handling now.
    """
    due = clock.next_due()
    return {
        "mode": clock.mode, "speed": clock.speed, "now": clock.now() / SECOND, "elapsed": clock.elapsed / SECOND,
        "due_in": None if due is None else (due - clock.now()) / SECOND, "answering": answering,
    }  # fmt: skip
