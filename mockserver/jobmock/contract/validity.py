"""Says whether a body obeys a document, and no more: by jsonschema-rs where that is installed, else by jsonschema."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .. import documents


def valid(name: str, body: Any) -> bool:
    """Say whether `body` obeys the document `name`. Raises NoSuchDocument."""
    fast = _fast(name)
    if fast is None:
        return bool(documents.validator(name).is_valid(body))
    try:
        return fast(body)
    except (ValueError, TypeError):  # such as a number beyond what it can hold
        return bool(documents.validator(name).is_valid(body))


@cache
def _fast(name: str) -> Callable[[Any], bool] | None:
    """Return the fast validator of a document, None where there is none."""
    try:
        from jsonschema_rs import Draft202012Validator
    except ImportError:
        return None
    return Draft202012Validator({"$ref": documents.BASE + name}, retriever=_retrieved).is_valid


def _retrieved(uri: str) -> dict[str, Any]:
    return dict(documents.document(uri.removeprefix(documents.BASE)))
