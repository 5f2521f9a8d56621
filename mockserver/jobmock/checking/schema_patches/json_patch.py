"""JSON Patch (RFC 6902), as far as proposals need it: test, add, replace, remove."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

Operation = Mapping[str, Any]


def applied(document: Any, patch: Sequence[Operation]) -> Any:
    """Return a patched copy of a document. Raises ValueError where a test fails, KeyError or IndexError for a place."""
    document = copy.deepcopy(document)
    for operation in patch:
        *parents, last = [_plain(part) for part in operation["path"].split("/")[1:]]
        holder = document
        for part in parents:
            holder = holder[int(part) if isinstance(holder, list) else part]
        _apply(holder, int(last) if isinstance(holder, list) and last != "-" else last, operation)
    return document


def _apply(holder: Any, key: Any, operation: Operation) -> None:
    kind = operation["op"]
    if kind == "test" and holder[key] != operation["value"]:
        raise ValueError(f"There is {holder[key]!r} at {operation['path']}, not {operation['value']!r}.")
    if kind == "remove":
        del holder[key]
    elif kind == "add" and isinstance(holder, list):
        holder.insert(len(holder) if key == "-" else key, operation["value"])
    elif kind in ("add", "replace"):
        holder[key] = operation["value"]


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
