"""The difference between a recorded body and the mock's, both sanitized, in the terms of a scenario's step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .exact_json import exact
from .hidden_values import HiddenValue, fill_hidden, kind_of

_EQUAL = object()


@dataclass(frozen=True, slots=True)
class BodyDiff:
    """What turns the mock's body into the recorded one: members to merge into it, and members to omit.

    `not_expressible` has the JSON Pointers of differences that a step can't express.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    not_expressible: tuple[str, ...] = ()

    @property
    def pointers(self) -> tuple[str, ...]:
        """The JSON Pointers of the members that a step has to state."""
        return *_leaf_pointers(self.body), *(f"/{member}" for member in self.omit)


def diff_bodies(recorded: Any, mock: Any) -> BodyDiff:
    """Return what turns the mock's body into the recorded one. Hidden values of one kind count as equal."""
    if not isinstance(recorded, Mapping) or not isinstance(mock, Mapping):
        return BodyDiff(not_expressible=() if _equal(recorded, mock) else ("",))
    missing: list[str] = []
    body = _diff_objects(recorded, {key: value for key, value in mock.items() if key in recorded}, "", missing)
    omit = tuple(key for key in mock if key not in recorded)
    return BodyDiff({} if body is _EQUAL else body, omit, tuple(missing))


def _diff_objects(recorded: Mapping[str, Any], mock: Mapping[str, Any], parent: str, missing: list[str]) -> Any:
    """Return the members to merge into the mock's object, or _EQUAL; add what the recorded one lacks to `missing`."""
    missing += [f"{parent}/{key}" for key in mock if key not in recorded]
    diffs = {
        key: _diff_values(value, mock.get(key, _EQUAL), f"{parent}/{key}", missing) for key, value in recorded.items()
    }
    return {key: value for key, value in diffs.items() if value is not _EQUAL} or _EQUAL


def _diff_values(recorded: Any, mock: Any, pointer: str, missing: list[str]) -> Any:
    if isinstance(recorded, Mapping) and isinstance(mock, Mapping):
        return _diff_objects(recorded, mock, pointer, missing)
    return _EQUAL if mock is not _EQUAL and _equal(recorded, mock) else fill_hidden(recorded)


def _equal(recorded: Any, mock: Any) -> bool:
    if isinstance(recorded, HiddenValue) or isinstance(mock, HiddenValue):
        return kind_of(recorded) == kind_of(mock)
    return exact(recorded) == exact(mock)


def _leaf_pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield the JSON Pointers of all values that aren't objects."""
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        yield from _leaf_pointers(inner, f"{pointer}/{key}")
    if not isinstance(value, Mapping):
        yield pointer
