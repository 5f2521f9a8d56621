"""One connection of an attacker: what it sends, and a strict reading of the answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

PATIENCE = 90.0
"""Seconds without a byte after which an answer counts as missing."""
_LONGEST_HEAD = 8 << 20
_STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [ -~]*")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\x00-\x08\x0a-\x1f\x7f]*)")
_LAST = b"GET /__jobmock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class Conversation(NamedTuple):
    """What one connection sends, and what may come back.

    `answers` is how many answers must come, unless it is `refused`: then at most an error comes, and the end. A
    connection that `leaves` closes as soon as everything is sent. A `head_only` answer has no body.
    """

    pieces: Sequence[bytes]
    answers: int = 1
    pause: float = 0.0
    refused: bool = False
    leaves: bool = False
    head_only: bool = False
    may_end: bool = False
    """The last request may be no HTTP: then the connection ends after the answers before it."""
    statuses: frozenset[int] = frozenset(range(200, 500))
    """Which statuses the answers may have."""

    @property
    def size(self) -> int:
        """How many bytes are sent."""
        return sum(map(len, self.pieces))


class Answer(NamedTuple):
    """One answer, whole."""

    status: int
    body: bytes


@dataclass
class Heard:
    """What came back: whole answers, and sentences about what is wrong with them."""

    answers: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    received: int = 0


class BrokenAnswer(Exception):
    """Bytes that are no answer of HTTP/1.1."""


async def converse(url: str, conversation: Conversation) -> Heard:
    """Send everything, read the answers, and say what is wrong with them."""
    heard, parts = Heard(), urlsplit(url)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=_LONGEST_HEAD)
    except OSError as error:
        heard.wrong.append(f"no connection can be made: {error}")
        return heard
    sending = asyncio.create_task(_send(writer, conversation))
    try:
        if conversation.leaves:
            await sending
        else:
            await _read(reader, writer, conversation, heard)
    except BrokenAnswer as broken:
        heard.wrong.append(str(broken))
    except TimeoutError:
        heard.wrong.append(f"after {len(heard.answers)} answers none came for {PATIENCE:.0f} s")
    finally:
        sending.cancel()
        writer.transport.abort()
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(sending, writer.wait_closed())
    return heard


async def _send(writer: asyncio.StreamWriter, conversation: Conversation) -> None:
    with suppress(OSError):  # the server may end the connection meanwhile
        for piece in conversation.pieces:
            writer.write(piece)
            await writer.drain()
            if conversation.pause:
                await asyncio.sleep(conversation.pause)


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, conversation: Conversation, heard: Heard
) -> None:  # fmt: skip
    """Read the answers, then send one more request: its answer must be the last, and whole."""
    wanted = 1 if conversation.refused else conversation.answers
    while len(heard.answers) < wanted:
        answer = await _answer(reader, head_only=conversation.head_only)
        if answer is None:
            break
        heard.answers.append(answer)
        if answer.status not in conversation.statuses:
            heard.wrong.append(f"an answer is {answer.status}: {answer.body[:200]!r}")
        heard.received += len(answer.body)
    if len(heard.answers) < wanted and not conversation.refused:
        ended = conversation.may_end and len(heard.answers) == wanted - 1
        if not ended and (not heard.answers or heard.answers[-1].status < 400):
            heard.wrong.append(f"{len(heard.answers)} of {wanted} answers came before the end of the connection")
        return
    with suppress(OSError):
        writer.write(_LAST)
        await writer.drain()
    last = await _answer(reader)
    if last is None:
        return
    if conversation.refused:
        heard.wrong.append(f"the connection was kept after a request that must be refused: {last.body[:100]!r}")
    elif last.status != 200 or not last.body.startswith(b'{"status":"ok"'):
        heard.wrong.append(f"the next request got another answer: {last.status} {last.body[:100]!r}")
    elif await _bytes(reader.read(100)):
        heard.wrong.append("bytes came after the last answer")


async def _answer(reader: asyncio.StreamReader, *, head_only: bool = False) -> Answer | None:
    """Return the next answer, or None at the end of the connection. Raises BrokenAnswer."""
    head = await _bytes(reader.readuntil(b"\r\n\r\n"))
    if not head:
        return None
    first, *lines = head[:-4].split(b"\r\n")
    found = _STATUS.fullmatch(first)
    headers = [_HEADER.fullmatch(line) for line in lines]
    if found is None or not all(headers):
        raise BrokenAnswer(f"an answer has no head of HTTP/1.1: {head[:200]!r}")
    status = int(found[1])
    if status < 200:
        return await _answer(reader, head_only=head_only)
    lengths = [header[2] for header in headers if header and header[1].lower() == b"content-length"]
    if len(lengths) != 1:
        raise BrokenAnswer(f"an answer has {len(lengths)} lengths: {head[:200]!r}")
    length = 0 if head_only else int(lengths[0])
    body = await _bytes(reader.readexactly(length)) if length else b""
    if len(body) != length and status != 400:  # the end of a 400 is lost if the client has sent more behind it
        raise BrokenAnswer(f"an answer {status} has {len(body)} of {length} bytes")
    if len(body) == length:
        _check_json(status, headers, body)
    return Answer(status, body)


def _check_json(status: int, headers: Sequence[re.Match[bytes] | None], body: bytes) -> None:
    """Raise BrokenAnswer if a body is declared as JSON and is none."""
    types = [header[2] for header in headers if header and header[1].lower() == b"content-type"]
    if body and any(b"json" in one for one in types):
        try:
            json.loads(body)
        except ValueError as error:
            raise BrokenAnswer(f"an answer {status} is no JSON: {error}") from None


async def _bytes(reading: asyncio.Future[bytes] | object) -> bytes:
    """Return what a reading gives, or what came before the connection ended."""
    try:
        read: bytes = await asyncio.wait_for(reading, PATIENCE)  # type: ignore[arg-type]
    except asyncio.IncompleteReadError as error:
        return b"" if error.expected is None else error.partial
    except (ConnectionError, asyncio.LimitOverrunError):
        return b""
    return read
