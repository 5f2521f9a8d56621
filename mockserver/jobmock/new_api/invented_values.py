"""Finds the values of a made body that nothing in the document says: no example, word, constant or default."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from .body_places import Path
from .flat_schemas import Flattener


def invented(
    flattener: Flattener, schema: Any, body: Any, stated: Sequence[Any], known: Collection[Path]
) -> Iterator[tuple[Path, Any]]:
    """Yield the path and the value of each one that is invented.

    `stated` are whole bodies that the document has as examples. At the paths in `known` stands what isn't invented.
    """
    yield from _invented(flattener, [schema], body, stated, known, ())


def _invented(
    flattener: Flattener, schemas: Sequence[Any], value: Any, stated: Sequence[Any], known: Collection[Path],
    path: Path,
) -> Iterator[tuple[Path, Any]]:  # fmt: skip
    flats = [flat for schema in schemas for flat in flattener.flattened(schema)]
    stated = [*stated, *(one for flat in flats for one in _stated(flat))]
    only_null = bool(flats) and all(flat.get("type") == "null" for flat in flats)
    if path in known or only_null or any(_is_same(one, value) for one in stated):
        return
    if isinstance(value, Mapping):
        inner = [(name, item, [flat["properties"][name] for flat in flats if name in flat.get("properties", {})],
                  [one[name] for one in stated if isinstance(one, Mapping) and name in one])
                 for name, item in value.items()]  # fmt: skip
    elif isinstance(value, list):
        items = [flat["items"] for flat in flats if "items" in flat]
        listed = [item for one in stated if isinstance(one, list) for item in one]
        inner = [(str(number), item, items, listed) for number, item in enumerate(value)]
    else:
        yield path, value
        return
    for name, item, its, examples in inner:
        yield from _invented(flattener, its, item, examples, known, (*path, name))


def _stated(flat: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values that a schema without branches says itself."""
    yield from flat.get("examples", ())
    yield from flat.get("enum", ())
    yield from (flat[name] for name in ("const", "default") if name in flat)


def _is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON: true isn't 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
