"""The parts of generic cases: steps, scenarios and expectations that are made from the tables of an API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..coverage.cells import errors_of
from ..dialect.api import Api
from ..errors import UsageError
from .ways import way_to

Part = Mapping[str, Any]
"""A part of a case, as a file with cases has it."""
PEOPLE = 3
"""How many results a job has, where a scenario doesn't say it."""


@dataclass(frozen=True)
class CaseTables:
    """The tables of an API, and the parts of cases that are made from them."""

    api: Api

    @property
    def success(self) -> str:
        """The first status that is a success. Raises UsageError if there is none."""
        for status in self.api.transitions:
            if self.api.is_success(status):
                return status
        text = f"The API {self.api.name!r} has no success, so there are no cases for its clients."
        raise UsageError(f"{text} `jobmock lint --api {self.api.name}` says what is wrong.")

    def to(self, *statuses: str, seconds: float = 20) -> list[Part]:
        """Return the steps of a job that comes to each of these statuses, and stays at the last one."""
        way = way_to(statuses[0], self.api.transitions) or [statuses[0]]
        for status in statuses[1:]:
            way += way_to(status, self.api.transitions, way[-1])[1:]
        return [*({"status": one, "after": {"seconds": seconds}} for one in way[:-1]), {"status": way[-1]}]

    def job(self, *faults: Part, **more: Any) -> Part:
        """Return a scenario of a job that succeeds within some polls, with these faults."""
        return {"progression": self.to(self.success, seconds=60), "faults": list(faults), **more}

    @property
    def has_results(self) -> bool:
        """Whether the usual jobs have results that can be counted."""
        return bool(self.api.result_nouns[self.api.kind(None)][0])

    def has(self, operation: str) -> bool:
        """Return whether the API has an operation."""
        return any(one.name == operation for one in self.api.operations)

    def returned(self, *silent: str, people: int = PEOPLE, **more: Any) -> Part:
        """Return the expectation that the call returns the success, with all results if jobs have any."""
        counted = {"people": people} if self.has_results else {}
        return {"outcome": "returns", "status": self.success, **counted, "silent": list(silent), **more}

    def errors(self, operation: str, wanted: Callable[[int], bool]) -> list[str]:
        """Return the errors of an operation whose HTTP status is wanted."""
        found = (
            name for one in self.api.operations if one.name == operation
            for status in one.replies if wanted(status) for name in errors_of(self.api, one, status)
        )  # fmt: skip
        return list(dict.fromkeys(found))
