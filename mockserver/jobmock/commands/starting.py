"""Starts a command, or says in words why it can't be started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import UsageError
from .child import Child

NOT_FOUND, NOT_EXECUTABLE = 127, 126


class NotStarted(UsageError):
    """A command can't be started. `exit_code` is the one of a shell in that case."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def start_child(command: Sequence[str], environment: Mapping[str, str], **options: Any) -> Child:
    """Start a command with options of `Child`. Raises NotStarted."""
    try:
        return Child(command, environment, **options)
    except FileNotFoundError:
        raise NotStarted(f"The command {command[0]!r} can't be found.", NOT_FOUND) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotStarted(f"The command {command[0]!r} can't be run: {reason}.", NOT_EXECUTABLE) from None
