"""The operations of JSON Patch (RFC 6902) that proposals use: test, add, replace, remove."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ... import json_pointer

PatchOperation = Mapping[str, Any]


def apply_patch(document: Any, patch: Sequence[PatchOperation]) -> Any:
    """Return a patched copy of a document.

    Raises ValueError if a test fails, KeyError or IndexError if a place doesn't exist.
    """
    document = copy.deepcopy(document)
    for operation in patch:
        *parents, last = json_pointer.split(operation["path"])
        holder = document
        for part in parents:
            holder = holder[int(part) if isinstance(holder, list) else part]
        _apply(holder, int(last) if isinstance(holder, list) and last != "-" else last, operation)
    return document


def _apply(holder: Any, key: Any, operation: PatchOperation) -> None:
    kind = operation["op"]
    if kind == "test" and holder[key] != operation["value"]:
        raise ValueError(f"There is {holder[key]!r} at {operation['path']}, not {operation['value']!r}.")
    if kind == "remove":
        del holder[key]
    elif kind == "add" and isinstance(holder, list):
        holder.insert(len(holder) if key == "-" else key, operation["value"])
    elif kind in ("add", "replace"):
        holder[key] = operation["value"]
