"""Coverage as a value: how often each cell was met, what is missing, percentages, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from .. import apis
from ..errors import UsageError
from .bundled_scenarios import scenario_for
from .cells import Cell, cells_of


class Share(NamedTuple):
    """How many of some cells were met. `api` and `group` are None where all are meant."""

    api: str | None
    group: str | None
    met: int
    all: int

    @property
    def percent(self) -> float:
        """The percentage of the cells that were met, rounded down to a tenth: 100 means all."""
        return self.met * 1000 // self.all / 10 if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often each cell was met. Only the APIs of which a cell was met count in percentages."""

    counts: Mapping[Cell, int] = field(default_factory=dict)

    def merge(self, *others: Coverage) -> Coverage:
        """Return the coverage of this one and of others together."""
        total = Counter[Cell]()
        for one in (self, *others):
            total.update(one.counts)
        return Coverage(total)

    @property
    def apis(self) -> list[str]:
        """The APIs of which a cell was met."""
        return sorted({cell.api for cell in self.counts})

    def cells(self) -> Iterator[Cell]:
        """Yield all cells of these APIs."""
        for api in self.apis:
            yield from cells_of(api)

    def missing(self) -> list[Cell]:
        """Return the cells that weren't met."""
        return [cell for cell in self.cells() if cell not in self.counts]

    def groups(self, api: str) -> list[Share]:
        """Return the share of each group of an API."""
        grouped = groupby(cells_of(api), key=lambda cell: cell.group)
        return [self._share(list(cells), api, group) for group, cells in grouped]

    def of_api(self, api: str) -> Share:
        """Return the share of all cells of an API."""
        return self._share(cells_of(api), api, None)

    def in_all(self) -> Share:
        """Return the share of all cells."""
        return self._share(list(self.cells()), None, None)

    def shares(self) -> list[Share]:
        """Return the rows of a table: each group of each API, each API, and all APIs if there are several."""
        rows = [share for api in self.apis for share in (*self.groups(api), self.of_api(api))]
        return [*rows, self.in_all()] if len(self.apis) > 1 else rows

    def _share(self, cells: tuple[Cell, ...] | list[Cell], api: str | None, group: str | None) -> Share:
        return Share(api, group, sum(cell in self.counts for cell in cells), len(cells))

    def to_json(self) -> dict[str, Any]:
        """Return the coverage as JSON data."""
        missing = [{**cell._asdict(), "scenario": scenario_for(cell)} for cell in self.missing()]
        shares = {api: _numbers(self.of_api(api)) | {"groups": self._groups_as_json(api)} for api in self.apis}
        return {"version": VERSION, **_numbers(self.in_all()), "apis": shares, "missing": missing}

    def _groups_as_json(self, api: str) -> dict[str, Any]:
        counts = {share.group: dict[str, int]() for share in self.groups(api)}
        for cell in cells_of(api):
            counts[cell.group][cell.name] = self.counts.get(cell, 0)
        return {str(one.group): {**_numbers(one), "cells": counts[one.group]} for one in self.groups(api)}

    @classmethod
    def from_json(cls, data: Any) -> Coverage:
        """Return the coverage that `to_json` has written. Raises UsageError if it can't be read."""
        try:
            if data["version"] != VERSION:
                raise UsageError(f"The coverage has the version {data['version']!r}. Allowed: {VERSION}.")
            counts = {
                Cell(api, group, name): int(count)
                for api, of_api in data["apis"].items()
                for group, of_group in of_api["groups"].items()
                for name, count in of_group["cells"].items()
                if count > 0
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UsageError("This is no coverage: the JSON has other members than a report of jobmock.") from None
        known = {cell for api in apis.all_apis() for cell in cells_of(api.name)}
        return cls({cell: count for cell, count in counts.items() if cell in known})


VERSION = 1
"""The version of the JSON. It changes when a member is removed or means something else."""
NOTHING_MET = Coverage()


def _numbers(share: Share) -> dict[str, Any]:
    return {"met": share.met, "all": share.all, "percent": share.percent}
