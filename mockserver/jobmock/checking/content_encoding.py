"""Content encodings of bodies, decoded by httpx with the decoders that are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import httpx

_LARGEST = 16 << 20
_PIECE = 1 << 16


def decode_body(raw: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return a body without its content encoding; None if it can't be decoded or becomes larger than 16 MiB."""
    encodings = [word.strip().lower() for word in headers.get("content-encoding", "").split(",") if word.strip()]
    if not set(encodings) <= {*_installed(), "identity"}:
        return None
    pieces = (raw[start : start + _PIECE] for start in range(0, len(raw), _PIECE))
    body = bytearray()
    try:
        for piece in _decode_pieces(pieces, ", ".join(encodings)):
            body += piece
            if len(body) > _LARGEST:
                return None
    except httpx.DecodingError:
        return None
    return bytes(body)


def supported_encodings(accept_encoding: bytes | None) -> bytes:
    """Return a client's Accept-Encoding without the encodings that can't be decoded here."""
    words = [word.strip() for word in (accept_encoding or b"").decode("latin-1").split(",")]
    kept = [word for word in words if word.partition(";")[0].strip().lower() in _installed()]
    return ", ".join(kept or ["identity"]).encode("latin-1")


def _decode_pieces(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    headers = {"content-encoding": encoding} if encoding else {}
    return httpx.Response(200, headers=headers, content=pieces).iter_bytes()


@cache
def _installed() -> tuple[str, ...]:
    """Return the content encodings that httpx can decode with the decoders that are installed."""
    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        return tuple(word.strip() for word in client.headers["accept-encoding"].split(","))
