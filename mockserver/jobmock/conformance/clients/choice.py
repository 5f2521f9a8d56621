"""Chooses how the client under test is run: as a callable, or as a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import apis
from ...errors import UsageError
from ..playing import Client

SPEED, TIMEOUT = 100.0, 60.0
"""How many times faster scaled time is, and the real seconds that a command has for one case, where nobody says it."""


def client_under_test(
    api: str, client: Callable[..., Any] | None, command: Sequence[str] | None, *, time: str = "virtual",
    speed: float = SPEED, timeout: float = TIMEOUT,
) -> Client:  # fmt: skip
    """Return the client under test: a callable, or a command. Raises UsageError unless it is exactly one of both."""
    if command and client is None:
        from .command_client import CommandClient

        return CommandClient(command, apis.load(api), time=time, speed=speed, timeout=timeout)
    if client is None or command:
        raise UsageError("Give either a client, which is a callable, or a command.")
    if time != "virtual":
        raise UsageError("A callable lives in virtual time. Scaled time is for a command.")
    from .callable_client import CallableClient

    return CallableClient(client, apis.load(api))
