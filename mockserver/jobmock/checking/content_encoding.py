"""Content encodings of bodies, as far as httpx can undo them with the libraries there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import httpx

_LARGEST = 32 << 20
_PIECE = 1 << 16


def decoded(raw: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return a body with its content encoding undone; None where that can't be done, or makes too much of it."""
    encodings = [word.strip().lower() for word in headers.get("content-encoding", "").split(",") if word.strip()]
    if not set(encodings) <= {*_supported(), "identity"}:
        return None
    pieces = (raw[start : start + _PIECE] for start in range(0, len(raw), _PIECE))
    whole = bytearray()
    try:
        for piece in _undone(pieces, ", ".join(encodings)):
            whole += piece
            if len(whole) > _LARGEST:
                return None
    except httpx.DecodingError:
        return None
    return bytes(whole)


def _undone(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    headers = {"content-encoding": encoding} if encoding else {}
    return httpx.Response(200, headers=headers, content=pieces).iter_bytes()


@cache
def _supported() -> tuple[str, ...]:
    """Return the content encodings that httpx can undo with the libraries there are."""
    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        return tuple(word.strip() for word in client.headers["accept-encoding"].split(","))


def understood(accepted: bytes | None) -> bytes:
    """Return what of a client's Accept-Encoding can be undone here too."""
    words = [word.strip() for word in (accepted or b"").decode("latin-1").split(",")]
    kept = [word for word in words if word.partition(";")[0].strip().lower() in _supported()]
    return ", ".join(kept or ["identity"]).encode("latin-1")
