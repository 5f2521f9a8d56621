"""Plants a bug in a correct client: one line of its source is another one, or one parameter has another value."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.clients import programs, readers, reference, variants
from tests.campaigns.clients.programs import Program

_SOURCES = {module.__name__: Path(module.__file__ or "") for module in (reference, variants, readers, programs)}
_PACKAGE = reference.__name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A wrong client, and the correct one that it comes from.

    `line` of the module `file` is `becomes` in the wrong one; or else `parameter` has a value that the correct one
    doesn't have. `settings` are those of both. `also` are rules that may find the same bug too.
    """

    name: str
    rule: str
    played: Any
    line: str = ""
    becomes: str = ""
    file: str = "reference"
    parameter: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "Variant"
    program: str = "alone"
    named: Mapping[str, Any] = field(default_factory=dict)
    requests: int = 1_000
    """After so many requests the client is stopped."""
    also: tuple[str, ...] = ()
    unknown_on: tuple[str, ...] = ()
    """Clocks, beside those of the rule, on which this bug doesn't show, or the scenario doesn't come so far."""

    def __str__(self) -> str:
        return self.name

    @property
    def api(self) -> str:
        """The API that the client calls."""
        return str(self.played["api"] if isinstance(self.played, dict) else self.played.partition("/")[0])

    def sources(self) -> tuple[str, str]:
        """Return the source of the module in which the two differ: the correct one, and the wrong one."""
        source = _source(f"{_PACKAGE}.{self.file}")
        return source, planted_source(source, self.line, self.becomes) if self.line else source

    def correct(self) -> Program:
        """Return the correct client."""
        return self._program("", self.settings)

    def wrong(self) -> Program:
        """Return the wrong client."""
        return self._program(self.sources()[1] if self.line else "", {**self.settings, **self.parameter})

    def _program(self, source: str, settings: Mapping[str, Any]) -> Program:
        modules = _modules(f"{_PACKAGE}.{self.file}", source)
        make = getattr(modules[programs.__name__], self.program)
        kind = next(
            vars(modules[place])[self.kind]
            for place in (variants.__name__, readers.__name__)
            if self.kind in vars(modules[place])
        )  # fmt: skip
        chosen = modules[reference.__name__].Settings(**settings)
        program: Program = make(kind, self.api, chosen, Random(self.name), **self.named)
        return program


def planted_source(source: str, line: str, becomes: str) -> str:
    """Return a source in which one line is another one; it keeps its indentation."""
    lines = source.splitlines(keepends=True)
    places = [number for number, one in enumerate(lines) if one.strip() == line]
    if len(places) != 1:
        raise ValueError(f"{len(places)} lines are {line!r}.")
    lines[places[0]] = lines[places[0]].replace(line, becomes)
    return "".join(lines)


@cache
def _source(module: str) -> str:
    return _SOURCES[module].read_text(encoding="utf-8")


@cache
def _modules(changed: str, source: str) -> Mapping[str, Any]:
    """Return the modules of clients, one of them with another source, and the others with it."""
    if not source:
        return {name: sys.modules[name] for name in _SOURCES}
    with _module_names_restored(_SOURCES):
        for name in _SOURCES:
            module = sys.modules[name] = types.ModuleType(name)
            exec(compile(source if name == changed else _source(name), f"<{name}>", "exec"), module.__dict__)
        return {name: sys.modules[name] for name in _SOURCES}


@contextmanager
def _module_names_restored(names: Mapping[str, Any]) -> Iterator[None]:
    before = {name: sys.modules[name] for name in names}
    try:
        yield
    finally:
        sys.modules.update(before)
