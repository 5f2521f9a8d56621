"""Makes bodies that obey a schema: its examples, its words, and the members that it requires.

Not every keyword is looked at, so whoever takes a body checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from .flat_schemas import Flattener

_MAX_DEPTH = 12
_ALTERNATIVES = 8
_MOST_SCHEMAS = 20_000
_NONE: Any = object()
_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "time": "00:00:00Z", "uri": "https://example.com/",
    "url": "https://example.com/", "email": "someone@example.com", "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "example.com",
}  # fmt: skip
Schema = Mapping[str, Any]


class Sampler:
    """Makes bodies for converted schemas. `shared` has the parts to which they refer."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self.flattener = Flattener(shared)
        self._left = 0
        self._is_full = False

    def bodies(self, schema: Any, *, is_full: bool = False) -> Iterator[Any]:
        """Yield values that probably obey a schema, the best first. None if it nests without an end.

        Full ones have the listed members where none is required, and an item in each list.
        """
        self._left, self._is_full = _MOST_SCHEMAS, is_full
        yield from self._bodies(schema, 0)

    def _bodies(self, schema: Any, depth: int) -> Iterator[Any]:
        """Yield values for a schema inside others. Null comes first, then what requires no members."""
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            return
        flats: Iterable[Schema] = self.flattener.flattened(schema)
        if depth:
            flats = sorted(flats, key=lambda flat: (flat.get("type") != "null", bool(flat.get("required"))))
        for flat in flats:
            yield from islice(self._values(flat, depth), _ALTERNATIVES)

    def _values(self, flat: Schema, depth: int) -> Iterator[Any]:
        """Yield values for a schema without references and branches."""
        if "const" in flat:
            yield flat["const"]
            return
        yield from (value for value in flat.get("examples", ()) if "enum" not in flat or value in flat["enum"])
        if "enum" in flat:
            yield from flat["enum"]
            return
        if "default" in flat and flat["default"] is not None:
            yield flat["default"]
        for kind in _kinds(flat, is_inner=depth > 0):
            yield from _MAKERS[kind](self, flat, depth)

    def _objects(self, flat: Schema, depth: int) -> Iterator[dict[str, Any]]:
        """Yield objects with the required members: the first value of each, then the other values of one of them."""
        members, required = flat.get("properties", {}), flat.get("required", ())
        first, others = dict[str, Any](), dict[str, Iterator[Any]]()
        for name in dict.fromkeys(required or (members if self._is_full else ())):
            values = self._bodies(members.get(name, {}), depth + 1)
            value = next(values, _NONE)
            if value is not _NONE:
                first[name], others[name] = value, values
            elif name in required:
                return
        yield first
        for name, values in others.items():
            yield from ({**first, name: other} for other in islice(values, _ALTERNATIVES))

    def _lists(self, flat: Schema, depth: int) -> Iterator[list[Any]]:
        least = max(flat.get("minItems", 0), int(self._is_full))
        items = [*islice(self._bodies(flat.get("items", {}), depth + 1), _ALTERNATIVES)] if least else []
        if items:
            yield [items[0]] * least
            yield [items[number % len(items)] for number in range(least)]
        elif not least:
            yield []

    def _texts(self, flat: Schema, depth: int) -> Iterator[str]:
        least, most = flat.get("minLength", 0), flat.get("maxLength")
        if "pattern" in flat:
            yield from _matching(flat["pattern"], least, most)
        text = _FORMATS.get(flat.get("format", ""), "an example")
        yield text.ljust(least, "x")[:most]

    def _numbers(self, flat: Schema, depth: int) -> Iterator[float]:
        """Yield numbers near the limits of the schema that are multiples of what it says."""
        step = flat.get("multipleOf", 1)
        limits = [flat[name] for name in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum") if name in flat]
        for near in [1, *limits]:
            nearest = near // step * step
            for number in (nearest, nearest + step, nearest - step, near):
                if _is_within(number, flat):
                    yield int(number) if number == int(number) else number

    def _nulls(self, flat: Schema, depth: int) -> Iterator[None]:
        yield None

    def _booleans(self, flat: Schema, depth: int) -> Iterator[bool]:
        yield from (False, True)


_MAKERS: Mapping[str, Callable[[Sampler, Schema, int], Iterator[Any]]] = {
    "object": Sampler._objects, "array": Sampler._lists, "string": Sampler._texts, "integer": Sampler._numbers,
    "number": Sampler._numbers, "boolean": Sampler._booleans, "null": Sampler._nulls,
}  # fmt: skip
_SIGNS = {
    "properties": "object", "required": "object", "additionalProperties": "object", "items": "array",
    "minimum": "number", "maximum": "number", "multipleOf": "number",
}  # fmt: skip
"""Keyword → the type that a schema without `type` probably means."""


def _kinds(flat: Schema, *, is_inner: bool) -> Sequence[str]:
    """Return the types that a schema allows. Null is the first of a member, and the last of a whole body."""
    types = flat.get("type")
    if types is None:
        return [next((kind for keyword, kind in _SIGNS.items() if keyword in flat), "string")]
    listed = [types] if isinstance(types, str) else types
    return sorted((kind for kind in listed if kind in _MAKERS), key=lambda kind: (kind == "null") != is_inner)


def _is_within(number: float, flat: Schema) -> bool:
    return (
        flat.get("minimum", number) <= number <= flat.get("maximum", number)
        and ("exclusiveMinimum" not in flat or number > flat["exclusiveMinimum"])
        and ("exclusiveMaximum" not in flat or number < flat["exclusiveMaximum"])
    )


@cache
def _matching(pattern: str, least: int, most: int | None) -> tuple[str, ...]:
    """Return a text that has a pattern, if Hypothesis finds one."""
    from random import Random

    from hypothesis import Phase, find, settings, strategies
    from hypothesis.errors import HypothesisException

    def fits(text: str) -> bool:
        return least <= len(text) <= (len(text) if most is None else most) and text.isprintable()

    try:
        found = find(strategies.from_regex(pattern), fits, random=Random(0), settings=settings(
            database=None, max_examples=200, phases=[Phase.generate, Phase.shrink],
        ))  # fmt: skip
    except (HypothesisException, ValueError):
        return ()
    return (found,)
