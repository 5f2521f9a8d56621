"""The operation of an API that a user names."""

from __future__ import annotations

from ..dialect.api import Api, Operation
from ..errors import UnknownName, UsageError


def operation_named(api: Api, name: str) -> Operation:
    """Return an operation of an API. Raises UsageError."""
    try:
        return api.operation_named(name)
    except UnknownName as error:
        raise UsageError(str(error)) from None
