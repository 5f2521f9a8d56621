"""Marks what is invented in `answers.json`. The file can have no comments, so the marks are in its `$comment`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .. import json_pointer
from .body_places import Path
from .flat_schemas import Flattener
from .invented_values import invented
from .model import MARK

_LONGEST = 60


class MadeBody(NamedTuple):
    """A body that was made, and its place in `answers.json`.

    Where it has the paths in `known`, nothing is invented. An empty path is none.
    """

    place: Path
    value: Any
    schema: Any
    stated: Sequence[Any]
    """The bodies that the document has as examples."""
    known: Collection[Path]


def marks(flattener: Flattener, bodies: Iterable[MadeBody]) -> Iterator[str]:
    """Yield a mark for each invented value. Bodies of one kind, such as those of all statuses, share the mark."""
    found: dict[tuple[str, Path], list[tuple[MadeBody, Any]]] = {}
    for body in bodies:
        for path, value in invented(flattener, body.schema, body.value, body.stated, {*body.known} - {()}):
            found.setdefault((body.place[0], path), []).append((body, value))
    for (_, path), places in found.items():
        (first, value), *others = places
        words = ", ".join(body.place[1] for body, _ in others)
        also = f", and so is what {words} {'have' if len(others) > 1 else 'has'} there" if others else ""
        yield f"{MARK} {json_pointer.join((*first.place, *path))} is {_written(value)}, which is invented{also}."


def _written(value: Any) -> str:
    """Return a value in short. A text has quotation marks that JSON needn't escape."""
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
