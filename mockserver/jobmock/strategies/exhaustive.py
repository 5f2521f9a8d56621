"""Small worlds exhausted: a client meets every script up to a length; a certificate says what was tried and found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from .. import __version__
from ..engine.progression import Plan
from ..errors import UsageError
from ..printing import Printed
from .arguments import many, within
from .outcome import Run
from .runner import Arena, Budget, Client
from .scripts import Script, alphabet, counted, plan_of, scripts

_MOST_LENGTH, _MOST_SCRIPTS = 12, 2_000_000
Shown = Callable[[Iterable[Script], int], Iterable[Script]]
"""Given what is to be done and how much that is, yields it and shows how far it is, as a progress bar does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing(Printed):
    """A way in which a client failed: the rule, the first and shortest script that shows it, and how many show it."""

    rule: str
    script: Script
    said: Sequence[str]
    scripts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Printed):
    """What was exhausted: every script of up to `length` symbols of an `alphabet`, `played` of them.

    `left_out` can't be played, because their statuses can't follow one another; `scripts` is the SHA-256 of those that
    were played, one a line, so that two certificates can be told to speak of the same world.
    """

    api: str
    client: str
    alphabet: Sequence[str]
    length: int
    played: int
    left_out: int
    scripts: str
    version: str = __version__
    findings: Sequence[Failing] = field(default_factory=tuple)

    def to_json(self) -> bytes:
        """Return the certificate as JSON, the same bytes for the same findings."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def exhaust(
    run_client: Client, *, api: str, symbols: Sequence[str] = (), length: int = 3, client: str | None = None,
    rules: Mapping[str, str] | None = None, floor: float = 1.0, requests: int = 200, seconds: float = 7_200,
    shown: Shown = lambda scripts, number: scripts,
) -> Certificate:  # fmt: skip
    """Let a client meet every script of up to `length` symbols (1 to 12), in virtual time; return the certificate.

    `run_client` is what `assert_client_survives` takes; `symbols` are those of `alphabet`, a handful if absent; the
    certificate calls it `client`. Raises UsageError, VirtualTimeError.
    """
    name = client or f"{run_client.__module__}:{getattr(run_client, '__qualname__', type(run_client).__qualname__)}"
    arena = Arena(run_client, api, budget=Budget(requests=requests, seconds=seconds), rules=rules, floor=floor)
    with arena.open():
        return certified(
            lambda plans: map(arena.play, plans), api=api, client=name, symbols=symbols, length=length, shown=shown
        )  # fmt: skip


def certified(
    play: Callable[[Iterable[Plan]], Iterable[Run]], *, api: str, client: str, symbols: Sequence[str], length: int,
    shown: Shown,
) -> Certificate:  # fmt: skip
    """Play every script, in whichever way `play` runs plans, and return the certificate. Raises UsageError."""
    known = alphabet(api, symbols)
    if (number := counted(known, within("length", length, 1, _MOST_LENGTH))) > _MOST_SCRIPTS:
        text = f"That world has {number:,} scripts, and {_MOST_SCRIPTS:,} are the most: take fewer symbols."
        raise UsageError(text)
    every = list(scripts(api, known, length))
    found: dict[str, Failing] = {}
    runs = play(plan_of(api, script) for script in every)
    for script, run in zip(shown(every, len(every)), runs, strict=True):
        for rule, said in _by_rule(run):
            first = found.get(rule)
            found[rule] = Failing(
                rule=rule, script=first.script if first else script, said=first.said if first else said,
                scripts=first.scripts + 1 if first else 1,
            )  # fmt: skip
    return Certificate(
        api=api, client=client, alphabet=known, length=length, played=len(every),
        left_out=counted(known, length) - len(every), scripts=_digest(every), findings=tuple(found.values()),
    )  # fmt: skip


def _by_rule(run: Run) -> Iterator[tuple[str, list[str]]]:
    """Yield each rule that a run broke, with what is said of it."""
    said: dict[str, list[str]] = {}
    for text in run.faults:
        said.setdefault(text.partition(" ")[0], []).append(text)
    yield from said.items()


def _digest(every: Sequence[Script]) -> str:
    return sha256("".join(f"{' '.join(script)}\n" for script in every).encode()).hexdigest()


def described(certificate: Certificate) -> Iterator[str]:
    """Yield the lines in which a certificate is told."""
    symbols = f"{many(len(certificate.alphabet), 'symbol')} ({', '.join(certificate.alphabet)})"
    played = f"{many(certificate.played, 'script')} of up to {certificate.length} of {symbols}"
    yield f"{certificate.client}: {played}; {certificate.left_out} left out."
    for failing in certificate.findings:
        script = " ".join(failing.script) or "(no symbol)"
        yield f"{failing.scripts} of them: {failing.said[0]}"
        yield f"  the shortest: {script}"


def counterexamples(certificate: Certificate) -> Iterator[tuple[Any, str]]:
    """Yield the scenario of each script that is named, and what was said of it."""
    from .scripts import scenario_of

    said: dict[Script, list[str]] = {}
    for failing in certificate.findings:
        said.setdefault(failing.script, []).extend(failing.said)
    for script, texts in said.items():
        yield scenario_of(certificate.api, script), "\n".join(texts)
