"""One job of one namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .journal import redact
from .progression import Plan, Stage, State, settle


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One job of one namespace. `created` is in nanoseconds; `count` is how many people it ends with.

    A `billed` job costs credits, `charged` so far; `added` is how many people continuations have added, and `kept` how
    many there were before the last of them. `facts` belong to the API's dialect, for example Orbit's run id and shape.
    """

    id: str
    plan: Plan
    created: int
    count: int
    state: State
    facts: Mapping[str, Any] = field(default_factory=dict)
    polls: int = 0
    billed: bool = False
    charged: int = 0
    added: int = 0
    kept: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    told: tuple[Any, Any] | None = None
    """What the last poll saw of it, and what that was answered."""
    redacted: str = field(init=False)
    """Its id as the journal shows it."""

    def __post_init__(self) -> None:
        self.redacted = redact(self.id)

    @property
    def seed(self) -> int:
        return self.plan.scenario.results.seed

    def shows(self, stage: Stage) -> int:
        """Return how many people a stage shows of this job; 0 where its answer has no results at all."""
        return stage.shows(self.count)

    def stage(self, now: int) -> Stage:
        """Return the stage that holds at `now`, without counting a poll."""
        return self.plan.stages[settle(self.plan.stages, self.state, now).step]
