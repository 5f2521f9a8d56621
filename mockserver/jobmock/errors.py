"""What can go wrong, as one tree.

    JobmockError
    ├── UsageError          a flag, a key or a control call that can't be used
    ├── ScenarioError       a scenario that can't be played; carries its Problems
    │   └── UnknownScenario no scenario has that name
    ├── NoSuchDocument      a schema that isn't in `schemas/`
    └── StartError          the server could not be started

Every message says what, where, what is allowed, and the nearest valid name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Problem

__all__ = ["JobmockError", "NoSuchDocument", "ScenarioError", "StartError", "UnknownScenario", "UsageError", "hint"]


class JobmockError(Exception):
    """The root of every error this package raises."""


class UsageError(JobmockError):
    """A flag, a key or a control call can't be used as it stands."""


class ScenarioError(JobmockError):
    """A scenario can't be played; `problems` says why, one entry for each place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownScenario(ScenarioError):
    """No scenario has that name."""

    def __str__(self) -> str:
        return self.problems[0].message


class NoSuchDocument(JobmockError):
    """There is no such document in `schemas/`."""


class StartError(JobmockError):
    """The server could not be started, for example because its port is taken."""


def hint(name: object, allowed: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of `allowed`, or nothing where none is near."""
    near = get_close_matches(str(name), list(allowed), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
