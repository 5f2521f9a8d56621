"""What a step says of its answer's body, laid over what the contract gives its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..models import Step


def patched(body: dict[str, Any], step: Step) -> dict[str, Any]:
    """Merge a step's `body` deeply over `body` (lists are replaced, null is null), then take out what it omits."""
    merged = _merge(body, step.body) if step.body else body
    return {key: value for key, value in merged.items() if key not in step.omit} if step.omit else merged


def _merge(base: Any, patch: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(patch, Mapping):
        return patch
    return {**base, **{key: _merge(base.get(key), value) for key, value in patch.items()}}
