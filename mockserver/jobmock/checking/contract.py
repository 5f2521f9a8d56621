"""Judges a client's traffic as it happens: collects what breaks the contract, or raises it in the client's call."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

from ..errors import ContractViolation, UsageError, hint
from . import adapter, transport
from .check import Check
from .exchange import LiveExchange
from .report import FAIL_ON, Report
from .violation import KINDS, LiveViolation


class Contract:
    """The contract of one API, or of all of them, held against whatever passes.

    `fail_on` is the least that counts as broken: `breaking`, `additive` or `cosmetic`; with `raises`, an answer that
    is as bad raises ContractViolation in the call that it answers. `accepted` is what a baseline accepts
    (`jobmock.checking.baseline.read`). Raises UsageError.
    """

    def __init__(
        self, api: str | None = None, *, fail_on: str = "breaking", raises: bool = False,
        accepted: Iterable[tuple[str, ...]] = (),
    ) -> None:  # fmt: skip
        if fail_on not in FAIL_ON:
            raise UsageError(f"fail_on is {fail_on!r}. Allowed: {', '.join(FAIL_ON)}.{hint(fail_on, FAIL_ON)}")
        self._check, self._raises, self._lock = Check(api, accepted), raises, Lock()
        self._broken_by = KINDS[: KINDS.index(fail_on) + 1] if fail_on != "never" else ()
        self._broken: dict[tuple[str, ...], LiveViolation] = {}

    @property
    def broken(self) -> tuple[LiveViolation, ...]:
        """What broke the contract so far, each violation once."""
        return tuple(self._broken.values())

    def report(self) -> Report:
        """Return everything that was found so far, with counts; additive and cosmetic violations too."""
        with self._lock:
            return self._check.report()

    def take(self, exchange: LiveExchange) -> None:
        """Judge an exchange; one that is no request of the API's is left out. Raises ContractViolation if so chosen."""
        __tracebackhide__ = True
        with self._lock:
            found = self._check.take(exchange)
            broken = [one for one in found if one.kind in self._broken_by]
            for one in broken:
                self._broken.setdefault(one.identity, one)
        if broken and self._raises:
            raise ContractViolation(broken)

    def verify(self) -> None:
        """Raise ContractViolation where anything broke the contract."""
        __tracebackhide__ = True
        if self._broken:
            raise ContractViolation(self.broken)

    def transport(self, inner: Any) -> Any:
        """Return a transport for httpx or httpx2 that judges what passes through the `inner` one."""
        return transport.validating(inner, self.take)

    def adapter(self, **settings: Any) -> Any:
        """Return an adapter for a session of requests; the settings are those of `requests.adapters.HTTPAdapter`."""
        return adapter.validating(self.take, settings)
