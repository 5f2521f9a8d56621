"""The conftest of the project of pairs: an interruption fails only its own test, and a clock can be frozen."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from tests.virtual.poisoning import failing, leftover_waits, leftovers, loops  # noqa: F401  imported to fill the table
from tests.virtual.poisoning.session import ORIGINALS, originals


class Interrupted(Exception):
    """Raised instead of KeyboardInterrupt, so that the run goes on."""


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Record the functions of the standard library before any test."""
    ORIGINALS.update(originals())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let an interrupted test fail, and the run go on."""
    try:
        return (yield)
    except KeyboardInterrupt as error:
        raise Interrupted from error


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Run finalizers now: Python 3.11 fails if one prints a traceback while pytest parses a test's source."""
    gc.collect()


@pytest.fixture
def frozen() -> Iterator[None]:
    """A clock that freezegun stops before the mock's clock begins."""
    from freezegun import freeze_time

    with freeze_time("2026-01-01"):
        yield
