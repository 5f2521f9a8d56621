"""Constructs (ways to wait, or to read a clock), places, and the result that is expected of each pair: a cell.

A construct is a function in one of the modules of `constructs`. It is a row of the table, and its docstring is the name
of the row.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import CodeType
from typing import Any

PLACES = {
    "main": "the test's own thread",
    "thread": "a thread that it starts",
    "pool": "a job of a pool",
    "task": "a task of an event loop",
    "call_later": "a callback of an event loop",
    "done_callback": "a callback of a future, in the pool's thread",
    "timer": "a threading.Timer",
    "older": "a thread older than virtual time",
}
IN_MAIN_THREAD = ("main", "task", "call_later")
OF_A_LOOP = ("task", "call_later")
OLDER_SCALE = 0.01
"""In a thread that is older than virtual time, a second of a construct takes so many real seconds."""


@dataclass(frozen=True, slots=True)
class Exact:
    """So many seconds of the clock, to the nanosecond.

    `until` is when the whole test ends, if that is later. `more` is how much longer a construct may take that waits
    until *more* than so many seconds have passed.
    """

    seconds: float
    until: float | None = None
    more: float = 0.0

    def __str__(self) -> str:
        return "exact"


@dataclass(frozen=True, slots=True)
class Refused:
    """A VirtualTimeError in the test's own thread, which contains these words and says where the call is."""

    words: str

    def __str__(self) -> str:
        return "refused"


@dataclass(frozen=True, slots=True)
class Real:
    """At least so many real seconds, for a good reason; the clock moves no more than they do."""

    reason: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return "real"


@dataclass(frozen=True, slots=True)
class Impossible:
    """The construct can't be in such a place."""

    reason: str

    def __str__(self) -> str:
        return "–"


Expected = Exact | Refused | Real | Impossible
OLDER = "the thread is older than virtual time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """One row of the table. Its `kind` says what runs it: `sync` any thread, `asyncio` and `trio` such a loop."""

    name: str
    title: str
    group: str
    function: Callable[..., Any]
    expected: tuple[Expected, ...]
    by_place: Mapping[str, tuple[Expected, ...]] = field(default_factory=dict)
    kind: str = "sync"
    scenario: Any = None
    tools: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    since: tuple[int, int] = (3, 11)
    fresh: bool = False

    def expects(self, place: str) -> tuple[Expected, ...]:
        """Return the results that are allowed in a place."""
        if place in self.by_place:
            return self.by_place[place]
        if place == "older":
            first = self.expected[0]
            return (Real(OLDER, first.seconds * OLDER_SCALE if isinstance(first, Exact) else 0.0),)
        if self.kind == "trio" and place == "call_later":
            return (Impossible("Trio has no callbacks"),)
        return self.expected

    def missing(self) -> str | None:
        """Return why it can't run in this environment; None if it can."""
        if sys.version_info < self.since:
            return f"Python {self.since[0]}.{self.since[1]} has it first"
        absent = [name for name in self.needs if find_spec(name) is None]
        return f"{absent[0]} isn't installed" if absent else None

    def lines(self) -> range:
        """Return the lines of its function."""
        code = self.function.__code__
        return range(code.co_firstlineno, _last_line(code) + 1)


def _last_line(code: CodeType) -> int:
    own = max(line for *_, line in code.co_lines() if line is not None)
    return max([own, *(_last_line(inner) for inner in code.co_consts if isinstance(inner, CodeType))])


_known: dict[str, Construct] = {}


def construct(
    *expected: Expected, places: tuple[str, ...] = (), reason: str = "", kind: str = "sync",
    by_place: Mapping[str, Expected | tuple[Expected, ...]] | None = None, **more: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Make a function a construct. If it can only be in some `places`, `reason` says why."""
    others: dict[str, tuple[Expected, ...]] = {
        place: one if isinstance(one, tuple) else (one,) for place, one in (by_place or {}).items()
    }
    if places:
        others |= {place: (Impossible(reason),) for place in PLACES if place not in places}

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        group = function.__module__.rpartition(".of_")[2].partition("_")[0]
        for each in kind.split():
            suffix, label = (f"_{each}", f" ({each})") if " " in kind else ("", "")
            name = f"{group}.{function.__name__}{suffix}"
            title = f"{inspect.getdoc(function) or name}{label}"
            assert not any((group, title) == (one.group, one.title) for one in _known.values()), title
            _known[name] = Construct(
                name=name, title=title, group=group, function=function,
                expected=expected, by_place=others, kind=each, **more,
            )  # fmt: skip
        return function

    return add


@cache
def load(group: str) -> Mapping[str, Construct]:
    """Return the constructs of one group, by name: those of `of_GROUP` and of `of_GROUP_MORE`."""
    for file in _files():
        if file.partition("_")[0] == group:
            import_module(f"tests.virtual.matrix.constructs.of_{file}")
    return {name: one for name, one in _known.items() if one.group == group}


def _files() -> list[str]:
    folder = Path(__file__).parent / "constructs"
    return sorted(module.name.removeprefix("of_") for module in iter_modules([str(folder)]))


def everything() -> dict[str, Construct]:
    """Return all constructs, by name."""
    groups = dict.fromkeys(file.partition("_")[0] for file in _files())
    return {name: one for group in groups for name, one in load(group).items()}
