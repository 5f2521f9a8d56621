"""Hypothesis tests of clients: a failing one takes a limited time, and says what was left out for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .counterexamples import is_property

_EXPLAIN_IS_SLOW = sys.version_info < (3, 12)
"""Whether Hypothesis traces each line in its phase `explain`: newer versions of Python have a quick way."""
_EXPLAIN_LEFT_OUT = (
    "Hypothesis's phase `explain` was left out, because it takes up to minutes on this Python. It says which drawn"
    " values don't matter. Python 3.12 and newer have it."
)
_REMARKS: pytest.StashKey[tuple[str, ...]] = pytest.StashKey()


@contextmanager
def limited(item: pytest.Item, seconds: float, *, has_mock: bool) -> Iterator[None]:
    """Limit the real time in which a property's counterexample is made smaller. It is one of a client or has a mock."""
    test = getattr(item, "obj", None)
    if not is_property(test) or not (has_mock or _is_client_machine(test)):
        yield
        return
    from jobmock.strategies.shrink_limit import ShrinkLimit

    limit = ShrinkLimit(seconds)
    with _without_explain(item) as left_out, limit.in_force():
        try:
            yield
        finally:
            item.stash[_REMARKS] = tuple(filter(None, (_EXPLAIN_LEFT_OUT if left_out else "", limit.remark)))


def add_remarks(item: pytest.Item, report: pytest.TestReport) -> None:
    """Say in the report of a failed property what was left out."""
    if report.failed and report.when == "call":
        report.sections += [("jobmock property", text) for text in item.stash.get(_REMARKS, ())]


def _is_client_machine(test: Any) -> bool:
    """Return whether a test runs a `ClientMachine`."""
    module = sys.modules.get("jobmock.strategies.machine")
    machine = getattr(test, "_hypothesis_state_machine_class", None)
    return module is not None and machine is not None and issubclass(machine, module.ClientMachine)


@contextmanager
def _without_explain(item: pytest.Item) -> Iterator[bool]:
    """Leave the phase `explain` out of a property within the block, where it is slow. Yields whether it was."""
    from hypothesis import Phase, settings

    test: Any = getattr(item, "obj", None)
    is_machine = hasattr(test, "_hypothesis_state_machine_class")
    owner: Any = getattr(item, "cls", None) if is_machine else getattr(test, "__func__", test)
    name = "settings" if is_machine else "_hypothesis_internal_use_settings"
    chosen = getattr(owner, name, None) or settings.default
    if not _EXPLAIN_IS_SLOW or chosen is None or Phase.explain not in chosen.phases:
        yield False
        return
    phases = [phase for phase in chosen.phases if phase is not Phase.explain]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, settings(chosen, phases=phases), raising=False)
        yield True
