"""Merges the `body` and `omit` of a step into the body that its status has by the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..models import Step


def patched(body: dict[str, Any], step: Step) -> dict[str, Any]:
    """Return `body` deeply merged with the step's own (lists are replaced, null stays), without the omitted members."""
    merged = _merge(body, step.body) if step.body else body
    return {key: value for key, value in merged.items() if key not in step.omit} if step.omit else merged


def _merge(base: Any, patch: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(patch, Mapping):
        return patch
    return {**base, **{key: _merge(base.get(key), value) for key, value in patch.items()}}
