"""What tells two bodies apart, once both have gone through the allow-list: as a step can say it, and as a measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .documented_values import Hidden

LEFT_OUT = "(left out)"
_FILLING: Mapping[str, Any] = {"text": LEFT_OUT, "number": 0, "rows": []}
_NO_OBJECT: Mapping[str, str] = {
    "text": f'"{LEFT_OUT}"', "number": "0", "True": "true", "False": "false", "None": "null",
}  # fmt: skip
_FOREIGN = 10
_SAME = object()


@dataclass(frozen=True, slots=True)
class Change:
    """What makes the mock's own body the one that was seen: members to merge over it, and members to omit.

    `lost` are the JSON Pointers of what neither can say.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The JSON Pointers of the members that it needs."""
        return *_leaves(self.body), *(f"/{member}" for member in self.omit)


def change(seen: Any, own: Any) -> Change:
    """Return what makes `own` the body that was seen; hidden text is like any other text, and rows are like rows."""
    if not isinstance(seen, Mapping) or not isinstance(own, Mapping):
        return Change(lost=() if _alike(seen, own) else ("",))
    lost: list[str] = []
    body = _merge(seen, {key: value for key, value in own.items() if key in seen}, "", lost)
    return Change({} if body is _SAME else body, tuple(key for key in own if key not in seen), tuple(lost))


def _merge(seen: Mapping[str, Any], own: Mapping[str, Any], place: str, lost: list[str]) -> Any:
    """Return the members to merge over `own`, or _SAME."""
    lost += [f"{place}/{key}" for key in own if key not in seen]
    found = {key: _patch(value, own.get(key, _SAME), f"{place}/{key}", lost) for key, value in seen.items()}
    patch = {key: value for key, value in found.items() if value is not _SAME}
    return patch or _SAME


def _patch(seen: Any, own: Any, place: str, lost: list[str]) -> Any:
    if isinstance(seen, Mapping) and isinstance(own, Mapping):
        return _merge(seen, own, place, lost)
    return _SAME if own is not _SAME and _alike(seen, own) else filled(seen)


def _alike(seen: Any, own: Any) -> bool:
    if isinstance(seen, Hidden) or isinstance(own, Hidden):
        return _kind(seen) == _kind(own)
    return type(seen) is type(own) and bool(seen == own)


def _kind(value: Any) -> str:
    if isinstance(value, Hidden):
        return value.kind
    if isinstance(value, bool) or value is None:
        return str(value)
    kinds = {str: "text", int: "number", float: "number", list: "rows"}
    return kinds.get(type(value), "object")


def filled(seen: Any, own: Any = None) -> Any:
    """Return a value without anything hidden in it: the mock's `own` takes its place, or a word that says so."""
    if isinstance(seen, Hidden):
        if seen.kind == "rows" and isinstance(own, list):
            return own[: seen.count]
        return own if not isinstance(own, Hidden) and _kind(own) == seen.kind else _FILLING[seen.kind]
    if isinstance(seen, Mapping):
        inner = own if isinstance(own, Mapping) else {}
        return {key: filled(value, inner.get(key)) for key, value in seen.items()}
    return seen


def outline(value: Any) -> Any:
    """Return the names and kinds of a body, and of the first item of each list.

    It is for measuring only, and never written: names may be data.
    """
    if isinstance(value, Mapping):
        return {key: outline(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [outline(item) for item in value[:1]]
    return _kind(value)


def stand_in(shape: Any) -> str:
    """Return what stands for a body that can't be known: JSON of its kind, else a word that says so."""
    if isinstance(shape, (Mapping, list)):
        return "{}" if isinstance(shape, Mapping) else "[]"
    return LEFT_OUT if shape is None else _NO_OBJECT[shape]


def gap(seen: Any, own: Any) -> int:
    """Return by how many names and kinds two outlines differ; records count as one, and only if of another form."""
    if isinstance(seen, Mapping) and isinstance(own, Mapping):
        return len(seen.keys() ^ own.keys()) + sum(gap(seen[key], own[key]) for key in seen.keys() & own.keys())
    if isinstance(seen, list) and isinstance(own, list):
        return _FOREIGN * (bool(seen and own) and not _alike_records(seen[0], own[0]))
    return int(seen != own)


def _alike_records(seen: Any, own: Any) -> bool:
    """Say whether two records have most names in common: one person's has a member that another's lacks."""
    ours, theirs = set(_names(seen)), set(_names(own))
    return len(ours & theirs) >= len(ours | theirs) / 2


def _names(record: Any, place: str = "") -> Iterator[str]:
    for key, inner in record.items() if isinstance(record, Mapping) else ():
        yield f"{place}/{key}"
        yield from _names(inner, f"{place}/{key}")


def _leaves(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places of all values that aren't objects."""
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        yield from _leaves(inner, f"{place}/{key}")
    if not isinstance(value, Mapping):
        yield place
