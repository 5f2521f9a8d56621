"""Exhaustive tests: a client runs against every script up to a length, and a certificate reports the results."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from ..commands.signals import Signals
from ..engine.progression import Plan
from ..errors import UsageError
from ..pretty_printing import PrettyPrinted
from ..redaction import redact
from ..version import __version__
from .arguments import bounded_int, check_type, count_text
from .command_runner import CommandRunner, CommandTime
from .outcome import RunResult
from .runner import Budget, ClientRunner, RunClient
from .scripts import Script, alphabet, count_scripts, script_plan, script_scenario, scripts

_MAX_LENGTH, _MAX_SCRIPTS = 12, 2_000_000
_BUDGET = Budget(requests=200, seconds=7_200)
Progress = Callable[[Iterable[Script], int], Iterable[Script]]
"""A function that takes the scripts and their number, and yields them while it shows the progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFailure(PrettyPrinted):
    """A rule that the client broke: the first, shortest script that shows it, and the number of scripts that do."""

    rule: str
    script: Script
    said: Sequence[str]
    scripts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(PrettyPrinted):
    """The results of every script of up to `length` symbols of an `alphabet`; `played` is their number.

    `left_out` scripts can't be played, because their statuses can't follow one another. `scripts` is the SHA-256 of the
    played ones, one a line: it is equal in two certificates about the same scripts.
    """

    api: str
    client: str
    alphabet: Sequence[str]
    length: int
    played: int
    left_out: int
    scripts: str
    version: str = __version__
    findings: Sequence[ScriptFailure] = field(default_factory=tuple)

    def to_json(self) -> bytes:
        """Return the certificate as JSON; equal certificates give equal bytes."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def exhaust(
    run_client: RunClient, *, api: str, symbols: Sequence[str] = (), length: int = 3, client: str | None = None,
    rules: Mapping[str, str] | None = None, min_interval: float = 1.0, requests: int = _BUDGET.requests,
    seconds: float = _BUDGET.seconds,
    shown: Progress = lambda scripts, number: scripts,
) -> Certificate:  # fmt: skip
    """Run a client against every script of up to `length` symbols (1 to 12), in virtual time; return the certificate.

    `run_client` is a client as `assert_client_survives` takes it. `symbols` are some of `alphabet`, by default a
    handful. `client` is the client's name in the certificate. `shown` shows the progress. Raises UsageError,
    VirtualTimeError.
    """
    check_type("client", client, str, "a text")
    budget = Budget(requests=requests, seconds=seconds)
    runner = ClientRunner(run_client, api, budget=budget, rules=rules, min_interval=min_interval)
    name = client or f"{run_client.__module__}:{getattr(run_client, '__qualname__', type(run_client).__qualname__)}"
    with runner.open():
        return certify(
            lambda plans: map(runner.run, plans), api=api, client=name, symbols=symbols, length=length, shown=shown
        )  # fmt: skip


def exhaust_command(
    command: Sequence[str], *, api: str, time: CommandTime, persistent: bool, symbols: Sequence[str], length: int,
    shown: Progress,
) -> Certificate:  # fmt: skip
    """Run a command against every script, as many processes at once as there are processors; return the certificate.

    Signals are passed on to the processes. Raises UsageError, VirtualTimeError, StartError.
    """
    signals = Signals()
    runner = CommandRunner(command, api, budget=_BUDGET, time=time, persistent=persistent, signals=signals)
    name = shlex.join(command)
    with signals, runner.open(os.cpu_count() or 1):
        return certify(runner.run_all, api=api, client=name, symbols=symbols, length=length, shown=shown)


def certify(
    play: Callable[[Iterable[Plan]], Iterable[RunResult]], *, api: str, client: str, symbols: Sequence[str],
    length: int, shown: Progress,
) -> Certificate:  # fmt: skip
    """Play every script with `play`, which runs the plans, and return the certificate. Raises UsageError."""
    known = alphabet(api, symbols)
    if (number := count_scripts(known, bounded_int("length", length, 1, _MAX_LENGTH))) > _MAX_SCRIPTS:
        text = f"There are {number:,} scripts of up to {length} symbols. Allowed: {_MAX_SCRIPTS:,} scripts."
        raise UsageError(f"{text} Use fewer symbols or a smaller length.")
    every = list(scripts(api, known, length))
    found: dict[str, ScriptFailure] = {}
    runs = play(script_plan(api, script) for script in every)
    for script, run in zip(shown(every, len(every)), runs, strict=True):
        for rule, said in _findings_by_rule(run):
            first = found.get(rule)
            found[rule] = ScriptFailure(
                rule=rule, script=first.script if first else script, said=first.said if first else said,
                scripts=first.scripts + 1 if first else 1,
            )  # fmt: skip
    return Certificate(
        api=api, client=redact(client), alphabet=known, length=length, played=len(every),
        left_out=count_scripts(known, length) - len(every), scripts=_digest(every), findings=tuple(found.values()),
    )  # fmt: skip


def _findings_by_rule(run: RunResult) -> Iterator[tuple[str, list[str]]]:
    """Yield each rule that a run broke, with the findings about it."""
    said: dict[str, list[str]] = {}
    for text in run.findings:
        said.setdefault(text.partition(" ")[0], []).append(text)
    yield from said.items()


def _digest(every: Sequence[Script]) -> str:
    return sha256("".join(f"{' '.join(script)}\n" for script in every).encode()).hexdigest()


def certificate_lines(certificate: Certificate) -> Iterator[str]:
    """Yield the lines of a certificate's summary."""
    symbols = f"{count_text(len(certificate.alphabet), 'symbol')} ({', '.join(certificate.alphabet)})"
    played = f"{count_text(certificate.played, 'script')} of up to {certificate.length} of {symbols}"
    yield f"{certificate.client}: {played}; {certificate.left_out} left out."
    for failure in certificate.findings:
        script = " ".join(failure.script) or "(no symbol)"
        yield f"{failure.scripts} of them: {failure.said[0]}"
        yield f"  the shortest: {script}"


def counterexamples(certificate: Certificate) -> Iterator[tuple[Any, str]]:
    """Yield the scenario of each script that a certificate names, with the findings about it."""
    said: dict[Script, list[str]] = {}
    for failure in certificate.findings:
        said.setdefault(failure.script, []).extend(failure.said)
    for script, texts in said.items():
        yield script_scenario(certificate.api, script), "\n".join(texts)
