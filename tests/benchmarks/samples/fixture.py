"""An empty test, and tests that use `clado_mock`, its transport or its URL, in both modes of time."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import pytest

TIMES = ("manual", "virtual")
EMPTY = "test_empty"


def test_empty() -> None:
    pass


def taken(clado_mock: Any) -> None:
    pass


def transport(clado_mock: Any) -> None:
    clado_mock.transport  # noqa: B018


def url(clado_mock: Any) -> None:
    clado_mock.url  # noqa: B018


for _time in TIMES:
    for _kind in (taken, transport, url):
        _same = FunctionType(_kind.__code__, globals())
        globals()[f"test_{_kind.__name__}_{_time}"] = pytest.mark.jobmock(time=_time)(_same)

TESTS = tuple(name for name in globals() if name.startswith("test_"))
