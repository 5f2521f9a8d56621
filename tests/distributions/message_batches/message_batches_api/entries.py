"""Reads the entries in the body of a start."""

from __future__ import annotations

from typing import Any

from jobmock.dialect import Refused, RequestContext

MOST_ENTRIES = 100
MOST_CHARACTERS = 100_000


def refs_in(call: RequestContext) -> tuple[str, ...]:
    """Return the custom_ref of each entry. Raises Refused for a body that can't be used."""
    try:
        body = call.json_body()
    except ValueError:
        raise Refused("entries_invalid", "The body isn't JSON.") from None
    entries = body.get("entries") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES or not all(map(_is_entry, entries)):
        raise Refused("entries_invalid")
    refs = tuple(entry["custom_ref"] for entry in entries)
    if len({*refs}) < len(refs):
        raise Refused("entries_invalid", "Two entries have the same custom_ref.")
    if sum(len(entry["prompt"]) for entry in entries) > MOST_CHARACTERS:
        raise Refused("batch_too_large")
    return refs


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("custom_ref", "prompt"))
