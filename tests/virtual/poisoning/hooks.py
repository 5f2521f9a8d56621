"""What the project of pairs has in its conftest: interruptions fail their test alone, and a frozen clock."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from tests.virtual.poisoning import failing, leaving, leaving_waits, loops  # noqa: F401  they fill the table
from tests.virtual.poisoning.ground import ORIGINALS, originals


class Interrupted(Exception):
    """What a KeyboardInterrupt becomes, so that the run goes on."""


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Note what Python's own calls are."""
    ORIGINALS.update(originals())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let an interrupted test fail."""
    try:
        return (yield)
    except KeyboardInterrupt as error:
        raise Interrupted from error


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let finalizers run now: Python 3.11 can't have one print a traceback while pytest parses a test's source."""
    gc.collect()


@pytest.fixture
def frozen() -> Iterator[None]:
    """A clock that stands still before the mock's begins."""
    from freezegun import freeze_time

    with freeze_time("2026-01-01"):
        yield
