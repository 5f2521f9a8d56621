"""Checking live and recorded answers against the contract: the public names for that.

`validating_transport` and `validating_adapter` judge a client's own traffic, and so does a `Contract` that you keep.
`to_line` writes a `LiveExchange` as a line of JSON for `jobmock check`. `read_baseline` reads what a check accepts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..checking.baseline import read_baseline
    from ..checking.contract import Contract
    from ..checking.exchange import LiveExchange, to_line

__all__ = ["Contract", "LiveExchange", "read_baseline", "to_line", "validating_adapter", "validating_transport"]

_MODULES = {"Contract": "contract", "LiveExchange": "exchange", "read_baseline": "baseline", "to_line": "exchange"}
"""The module in `jobmock.checking` of each name that is imported when it is first used."""


def validating_transport(inner: Any, api: str | None = None, *, contract: Contract | None = None) -> Any:
    """Return a transport for httpx or httpx2, sync or async, that sends through the inner one and judges each answer.

    An answer that breaks the contract raises ContractViolation in the client's call; with a `contract` of your own,
    that one decides. `api` names the API, if answers of only one are meant. Raises UsageError.
    """
    return (contract or _raising_contract(api)).transport(inner)


def validating_adapter(api: str | None = None, *, contract: Contract | None = None, **settings: Any) -> Any:
    """Return an adapter for a session of requests that does the same, with the settings of `HTTPAdapter`."""
    return (contract or _raising_contract(api)).adapter(**settings)


def _raising_contract(api: str | None) -> Contract:
    from ..checking.contract import Contract

    return Contract(api, raises=True)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"jobmock.checking.{_MODULES[name]}"), name)
