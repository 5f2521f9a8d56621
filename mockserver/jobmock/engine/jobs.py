"""One job of one namespace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..redaction import redact_id
from .progression import Plan, Stage, State, settle


class StatusSpan(NamedTuple):
    """A status of a job from `begin` until before `end`, in nanoseconds. `end` is None if the status goes on."""

    status: str
    begin: int
    end: int | None


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One job of one namespace. `created` is in nanoseconds; `count` is how many people it ends with.

    A `billed` job costs credits; `charged` is how many it was charged. `added` is how many people continuations have
    added, `kept` how many people there were before the last one. `facts` belong to the API, such as Orbit's run shape.
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
    last_answer: tuple[Any, Any, str] | None = None
    """The last poll's answer, after all that it depends on, and before the origin of the URLs in it, if it has any."""
    redacted: str = field(init=False)
    """The id as the journal shows it."""

    def __post_init__(self) -> None:
        self.redacted = redact_id(self.id)

    def drop_answer(self) -> None:
        """Forget the last poll's answer: the next one makes it again."""
        self.last_answer = None

    @property
    def seed(self) -> int:
        return self.plan.scenario.results.seed

    def shows(self, stage: Stage) -> int:
        """Return how many of the job's people a stage shows; 0 where its answer has no results at all."""
        return stage.shows(self.count)

    def stage(self, now: int) -> Stage:
        """Return the stage at `now`, without counting a poll."""
        return self.plan.stages[settle(self.plan.stages, self.state, now).step]
