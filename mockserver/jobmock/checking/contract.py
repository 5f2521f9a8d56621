"""Judges a client's own traffic: collects violations of the contract, or raises them in the client's call."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

from ..errors import ContractViolation, UsageError, hint
from .adapter import validating_adapter
from .check import Check
from .exchange import LiveExchange
from .report import FAIL_ON, Report
from .transport import validating_transport
from .violation import KINDS, Identity, LiveViolation


class Contract:
    """The contract of one API, or of all APIs, which judges a client's traffic.

    `fail_on` is the kind of violation that counts as broken, with all worse kinds: `breaking`, `additive`, `cosmetic`,
    or `never`. With `raises`, such an answer raises ContractViolation in the client's call. `accepted` is what a
    baseline accepts (`jobmock.live.read_baseline`). Raises UsageError.
    """

    def __init__(
        self, api: str | None = None, *, fail_on: str = "breaking", raises: bool = False,
        accepted: Iterable[Identity] = (),
    ) -> None:  # fmt: skip
        if fail_on not in FAIL_ON:
            raise UsageError(f"fail_on is {fail_on!r}. Allowed: {', '.join(FAIL_ON)}.{hint(fail_on, FAIL_ON)}")
        self._check, self._raises, self._lock = Check(api, accepted), raises, Lock()
        self._broken_kinds = KINDS[: KINDS.index(fail_on) + 1] if fail_on != "never" else ()
        self._broken: dict[Identity, LiveViolation] = {}

    @property
    def broken(self) -> tuple[LiveViolation, ...]:
        """The violations that broke the contract, each once."""
        return tuple(self._broken.values())

    def report(self) -> Report:
        """Return all violations with their counts, those of all kinds."""
        with self._lock:
            return self._check.report()

    def take(self, exchange: LiveExchange) -> None:
        """Judge an exchange, unless its request is no operation of the API. Raises ContractViolation if chosen."""
        __tracebackhide__ = True
        with self._lock:
            found = self._check.judge(exchange)
            broken = [one for one in found if one.kind in self._broken_kinds]
            for one in broken:
                self._broken.setdefault(one.identity, one)
        if broken and self._raises:
            raise ContractViolation(broken)

    def verify(self) -> None:
        """Raise ContractViolation if anything broke the contract."""
        __tracebackhide__ = True
        if self._broken:
            raise ContractViolation(self.broken)

    def transport(self, inner: Any) -> Any:
        """Return a transport for httpx or httpx2 that sends through the inner one and judges the answers."""
        return validating_transport(inner, self.take)

    def adapter(self, **settings: Any) -> Any:
        """Return an adapter for a session of requests, with the settings of `requests.adapters.HTTPAdapter`."""
        return validating_adapter(self.take, settings)
