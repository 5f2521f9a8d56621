"""Balances as JSON."""

from __future__ import annotations

from typing import Any

from ... import apis
from ...engine.credits import OPENING_BALANCE
from ...engine.namespace import Namespace, Namespaces
from .fields import Body, fields


def of(namespaces: Namespaces, namespace: Namespace | None, body: Body) -> Any:
    """Return the balance of a namespace, or of new ones of each API. Raises Problem for a field."""
    fields(body, {}, {})
    if namespace is None:
        return [{"api": api, "balance": namespaces.opening.get(api, OPENING_BALANCE)} for api in apis.names()]
    apis.load(namespace.api).settle(namespace, namespace.clock.now())
    return {"api": namespace.api, "balance": namespace.credits.balance}
