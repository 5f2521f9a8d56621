"""An OpenAPI document whose references are followed. They lead to places of the same document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .. import json_pointer
from ..errors import UsageError, short_repr

_LONGEST_CHAIN = 50
_NOTHING: Any = object()


class References:
    """Looks up `$ref`s in a document."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def pointer(self, ref: Any, base: str = "") -> str:
        """Return the JSON Pointer of a reference. One like `#/$defs/x` may mean the schema around it, at `base`.

        Raises UsageError for a place that isn't there, and for one outside the document.
        """
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise UsageError(f"The reference {short_repr(ref)} leads out of the document. Allowed: '#/…'.")
        pointer = unquote(ref[1:])
        for place in (pointer, base + pointer):
            if self._find(place) is not _NOTHING:
                return place
        raise UsageError(f"The reference {short_repr(ref)} leads nowhere: the document has no such place.")

    def at(self, pointer: str) -> Any:
        """Return the value at a JSON Pointer, which is there."""
        return self._find(pointer)

    def resolved(self, pointer: str) -> str:
        """Return the JSON Pointer of what is at a place, whether it is written there or referred to."""
        for _ in range(_LONGEST_CHAIN):
            node = self.at(pointer)
            if not isinstance(node, Mapping) or "$ref" not in node:
                return pointer
            pointer = self.pointer(node["$ref"])
        raise UsageError(f"The reference {short_repr(node['$ref'])} leads back to itself.")

    def _find(self, pointer: str) -> Any:
        value: Any = self.data
        try:
            for key in json_pointer.split(pointer):
                value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return _NOTHING
        return value
