"""Live and recorded answers: held against the contract, reported, recorded as scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..checking.contract import Contract

__all__ = ["Contract", "validating_adapter", "validating_transport"]


def validating_transport(inner: Any, api: str | None = None, *, contract: Contract | None = None) -> Any:
    """Return a transport for httpx or httpx2, sync or async, around an inner one, that judges each answer.

    An answer that breaks the contract raises ContractViolation in the client's call; with a `contract` of your own,
    that one decides. `api` names the API, if not all of them are meant. Raises UsageError.
    """
    return (contract or _raising(api)).transport(inner)


def validating_adapter(api: str | None = None, *, contract: Contract | None = None, **settings: Any) -> Any:
    """Return an adapter for a session of requests that does the same; settings are those of `HTTPAdapter`."""
    return (contract or _raising(api)).adapter(**settings)


def _raising(api: str | None) -> Contract:
    from ..checking.contract import Contract

    return Contract(api, raises=True)


def __getattr__(name: str) -> Any:
    if name == "Contract":
        from ..checking.contract import Contract

        return Contract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
