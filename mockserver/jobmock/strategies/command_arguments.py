"""The arguments of `assert_client_survives` about a client that is a command."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import DEFAULT_SPEED
from ..errors import UsageError, short_repr
from .arguments import allowed_name
from .command_runner import CommandRunner, CommandTime
from .runner import Budget, ClientRunner, RunClient

TIMES = ("virtual", "scaled")
_TIMEOUT = 120.0


def client_runner(
    run_client: RunClient | None, command: Sequence[str] | None, api: str, *, budget: Budget,
    rules: Mapping[str, str] | None, min_interval: float, **of_command: Any,
) -> ClientRunner | CommandRunner:  # fmt: skip
    """Return the runner of a callable or a command. `of_command` are arguments for a command alone.

    Raises UsageError.
    """
    if (run_client is None) == (command is None):
        raise UsageError("Give the client either as 'run_client', which is a function, or as 'command'.")
    if command is None:
        if given := [name for name, value in of_command.items() if value]:
            raise UsageError(f"{given[0]!r} is for a client that is a command, and 'run_client' is a function.")
        assert run_client is not None
        return ClientRunner(run_client, api, budget=budget, rules=rules, min_interval=min_interval)
    time, persistent = _command_time(**of_command)
    return CommandRunner(
        _command(command), api, budget=budget, time=time, persistent=persistent, rules=rules,
        min_interval=min_interval, scaled_option='time="scaled"',
    )  # fmt: skip


def command_name(command: Sequence[str]) -> str:
    """Return a name for a command that is the same on each machine: its words, without the folders of files."""
    return " ".join(os.path.basename(word) or word for word in command)


def _command(command: object) -> tuple[str, ...]:
    is_list = isinstance(command, Sequence) and not isinstance(command, str | bytes)
    if not is_list or not command or not all(isinstance(word, str | os.PathLike) for word in command):  # type: ignore[attr-defined]
        example = "such as ['node', 'client.mjs']"
        raise UsageError(f"'command' is a list of the program and its arguments, {example}, not {short_repr(command)}.")
    return tuple(map(os.fsdecode, command))  # type: ignore[call-overload]


def _command_time(
    *, time: str | None, speed: float | None, timeout: float | None, persistent: bool
) -> tuple[CommandTime, bool]:  # fmt: skip
    """Return the time of a command, and whether it is persistent. Raises UsageError."""
    mode = allowed_name("time", time or ("virtual" if speed is None else "scaled"), TIMES)
    if speed is not None and mode != "scaled":
        raise UsageError(f"'speed' is for time='scaled' alone, and 'time' is {mode!r}.")
    for name, value in (("speed", speed), ("timeout", timeout)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
            raise UsageError(f"{name!r} is a number above 0, not {short_repr(value)}.")
    if not isinstance(persistent, bool):
        raise UsageError(f"'persistent' is True or False, not {short_repr(persistent)}.")
    return CommandTime(mode=mode, speed=speed or DEFAULT_SPEED, timeout=timeout or _TIMEOUT), persistent
