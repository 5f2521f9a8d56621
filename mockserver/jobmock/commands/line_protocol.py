"""The lines that jobmock and a persistent command exchange: a job on its stdin, and how it ended on its stdout."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import IO, Any, NamedTuple

import orjson

from ..redaction import redact
from .child import thread_in_real_time

MOST_BYTES = 64 << 20
"""The longest answer."""
_PIECE = 1 << 16
_MOST_SHOWN = 60
_UNREAD_SECONDS, _CLOSE_SECONDS = 2.0, 1.0
_EXPECTED = 'Expected is one line of JSON with either "returned" or "raised".'
_poll: Any = getattr(select, "poll", None)


class ProtocolError(Exception):
    """A command breaks the protocol. The text is a sentence without its subject, which is the command.

    `is_unknown` says whether it wrote what the protocol doesn't have.
    """

    def __init__(self, text: str, *, is_unknown: bool = True) -> None:
        super().__init__(text)
        self.is_unknown = is_unknown


class Answer(NamedTuple):
    """How the call of a client ended: the value that it returned, or the text of what it raised."""

    returned: Any
    raised: str | None


class LineProtocol:
    """The conversation with one command over the pipes to it. `on_answer` is called when an answer has come.

    What the command writes is read by a thread, and by `may_move`, so that the clock never moves after an answer.
    """

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], on_answer: Callable[[], None]) -> None:
        self._stdin, self._stdout, self._on_answer = stdin, stdout, on_answer
        self._lock = threading.Lock()
        self._received, self._searched = bytearray(), 0
        self._has_line = self._has_ended = self._is_begun = False
        self._unread_since: float | None = None
        if _poll is not None:
            os.set_blocking(stdout.fileno(), False)
        self._thread = thread_in_real_time(self._read_all)
        self._thread.start()

    def send(self, variables: Mapping[str, str]) -> None:
        """Send the variables of a job. The clock may move from then on, until there is an answer.

        Raises ProtocolError if the command has written anything since its last answer.
        """
        with self._lock:
            self._read()
            if self._received:
                raise ProtocolError(f"wrote {_shown(self._received)} after its answer. {_EXPECTED}")
            with suppress(OSError):  # the command has ended, or ends
                self._stdin.write(orjson.dumps(variables) + b"\n")
            self._is_begun = True

    def may_move(self) -> bool:
        """Return whether the clock may move: the command has read its job, and hasn't answered it."""
        with self._lock:
            may = self._is_begun and not self._read() and not self._is_over
            if may and not _unread(self._stdin):
                self._unread_since = None
                return True
            if may and self._unread_since is None:
                self._unread_since = monotonic()
            return False

    @property
    def is_ignored(self) -> bool:
        """Whether the command has waited for a while, and hasn't read its job."""
        since = self._unread_since
        return since is not None and monotonic() - since > _UNREAD_SECONDS

    def take_answer(self) -> Answer:
        """Return the answer that has come; the clock stands from then on. Raises ProtocolError."""
        with self._lock:
            self._is_begun, self._unread_since = False, None
            self._read()
            if self._has_line:
                line, _, rest = self._received.partition(b"\n")
                self._received, self._searched, self._has_line = rest, 0, False
                self._search()
                return _answer(bytes(line))
            if len(self._received) > MOST_BYTES:
                raise ProtocolError(f"wrote more than {MOST_BYTES >> 20} MiB without a newline. {_EXPECTED}")
            if self._received:
                raise ProtocolError(f"wrote {_shown(self._received)} without a newline, and ended. {_EXPECTED}")
            raise ProtocolError("ended before it answered.", is_unknown=False)

    @property
    def has_written(self) -> bool:
        """Whether there is output that isn't taken."""
        with self._lock:
            return bool(self._received)

    def ask_to_end(self) -> None:
        """End the input of the command."""
        with suppress(OSError):
            self._stdin.close()

    def close(self) -> None:
        """Close the pipes, as the command has ended. A process that couldn't be ended may keep the output open."""
        self.ask_to_end()
        self._thread.join(_CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._stdout.close()

    @property
    def _is_over(self) -> bool:
        return self._has_line or self._has_ended or len(self._received) > MOST_BYTES

    def _read_all(self) -> None:
        """Read to the end of the output. A command that writes too much is read no further, and ended then."""
        while not self._has_ended and len(self._received) <= MOST_BYTES:
            if _poll is None:
                piece = self._stdout.read(_PIECE)
                with self._lock:
                    self._take(piece)
                continue
            ready = _poll()
            ready.register(self._stdout, select.POLLIN)
            ready.poll()
            with self._lock:
                self._read()

    def _read(self) -> bool:
        """Read what there is now. Returns whether there was anything."""
        if self._has_ended or _poll is None or len(self._received) > MOST_BYTES:
            return False
        piece = self._stdout.read(_PIECE)
        if piece is None:
            return False
        self._take(piece)
        return True

    def _take(self, piece: bytes) -> None:
        self._received += piece
        self._has_ended = self._has_ended or not piece
        self._search()
        if self._is_over:
            self._on_answer()

    def _search(self) -> None:
        """Look for the end of a line where none has been looked for."""
        self._has_line = self._has_line or self._received.find(b"\n", self._searched) >= 0
        self._searched = len(self._received)


def _answer(line: bytes) -> Answer:
    """Return the answer in a line. Raises ProtocolError."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        if value.keys() == {"returned"}:
            return Answer(value["returned"], None)
        if value.keys() == {"raised"} and isinstance(value["raised"], str):
            return Answer(None, value["raised"])
    raise ProtocolError(f"wrote {_shown(line)}. {_EXPECTED}")


def _shown(output: bytes | bytearray) -> str:
    """Return the beginning of an output as text, without keys."""
    text = redact(bytes(output[: 4 * _MOST_SHOWN]).decode("utf-8", "replace").strip())
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")


def _unread(stdin: IO[bytes]) -> bool:
    """Return whether the command hasn't read all that it was sent. Where the system doesn't say so, it has."""
    try:
        from fcntl import ioctl
        from termios import FIONREAD

        return any(ioctl(stdin, FIONREAD, b"\0\0\0\0"))
    except (ImportError, OSError, ValueError):
        return False
