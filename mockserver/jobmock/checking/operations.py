"""The operations of an API by name."""

from __future__ import annotations

from ..dialect.api import Api, Operation
from ..errors import UsageError, hint


def operation_named(api: Api, name: str) -> Operation:
    """Return an operation of an API. Raises UsageError."""
    found = next((operation for operation in api.operations if operation.name == name), None)
    if found is None:
        names = list(dict.fromkeys(operation.name for operation in api.operations))
        text = f"The API {api.name!r} has no operation {name!r}. Allowed: {', '.join(names)}.{hint(name, names)}"
        raise UsageError(text)
    return found
