"""The line and column of each value and key of a YAML text.

They are found when an error asks for the first of them: a text that is read without an error needs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import yaml

from .. import json_pointer

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COLUMNS = 1 << 32
Position = tuple[int, int]


class _Place:
    """One value: where it begins, where its key begins, and the places inside it, by key or by number."""

    __slots__ = ("inner", "key", "mark")

    def __init__(self, event: Any, key: Any) -> None:
        self.mark, self.key = _packed(event), 0 if key is None else _packed(key)
        self.inner: dict[str, _Place] | list[_Place] | None = None
        if isinstance(event, yaml.CollectionStartEvent):
            self.inner = {} if isinstance(event, yaml.MappingStartEvent) else []

    def below(self, part: str) -> _Place | None:
        """Return the place under a key or a number, or None."""
        if isinstance(self.inner, dict):
            return self.inner.get(part)
        known = self.inner is not None and part.isdecimal() and int(part[:10]) < len(self.inner)
        return self.inner[int(part)] if self.inner is not None and known else None

    def walk(self, pointer: str) -> Iterator[tuple[str, _Place]]:
        """Yield this place and all those inside it with their pointers."""
        yield pointer, self
        inner = self.inner.items() if isinstance(self.inner, dict) else enumerate(self.inner or ())
        for part, place in inner:
            yield from place.walk(f"{pointer}/{json_pointer.escape(part)}")


class Places:
    """The places of a YAML text that was read without an error. `values` and `keys` have them by JSON Pointer."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.values: Mapping[str, Position] = _Marks(self, "mark")
        self.keys: Mapping[str, Position] = _Marks(self, "key")

    @cached_property
    def root(self) -> _Place:
        """The place of the whole document."""
        open_places: list[tuple[_Place, list[Any]]] = []
        root: _Place | None = None
        for event in yaml.parse(self._text, Loader=LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                open_places.pop()
            elif isinstance(event, yaml.NodeEvent):
                place = _placed(event, open_places)
                root = root or place
                if place is not None and place.inner is not None:
                    open_places.append((place, []))
        assert root is not None
        return root

    def find(self, pointer: str) -> _Place | None:
        """Return the place of a value, or None."""
        place: _Place | None = self.root
        for part in json_pointer.split(pointer):
            place = place and place.below(part)
        return place


class _Marks(Mapping[str, Position]):
    """The positions of all values, or of all keys, by JSON Pointer."""

    def __init__(self, places: Places, name: str) -> None:
        self._places, self._name = places, name

    def __getitem__(self, pointer: str) -> Position:
        place = self._places.find(pointer)
        packed = 0 if place is None else getattr(place, self._name)
        if not packed:
            raise KeyError(pointer)
        return packed // _COLUMNS, packed % _COLUMNS

    def __iter__(self) -> Iterator[str]:
        return (pointer for pointer, place in self._places.root.walk("") if getattr(place, self._name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True


def _placed(event: Any, open_places: list[tuple[_Place, list[Any]]]) -> _Place | None:
    """Return the place of a value after adding it to the collection that is open; None for a key."""
    if not open_places:
        return _Place(event, None)
    outer, keys = open_places[-1]
    if isinstance(outer.inner, dict):
        if not keys:
            keys.append(event)
            return None
        key = keys.pop()
        place = outer.inner[key.value] = _Place(event, key)
        return place
    place = _Place(event, None)
    if outer.inner is not None:
        outer.inner.append(place)
    return place


def _packed(event: Any) -> int:
    """Return line and column, both from 1, in one number: a large document has many of them."""
    return int(event.start_mark.line + 1) * _COLUMNS + int(event.start_mark.column + 1)
