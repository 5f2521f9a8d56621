"""Bodies as recorders keep them: as text, in base64, or still in their content encoding."""

from __future__ import annotations

import zlib
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson

from ..json_bodies import NOT_JSON, encode_text, parse_body

NOT_KEPT = "body not recorded"
CUT = "body not recorded completely"
DAMAGED = "body damaged in the recording"
NOT_DECODED = "body in an encoding that can't be decoded"
_COMPRESSED = {"gzip": (31,), "deflate": (15, -15)}
"""The window bits of zlib for the forms that an encoding may have."""
_AS_GZIP = {"content-encoding": "gzip"}
_GZIP = b"\x1f\x8b"
_LOST = "\ufffd".encode()
_URL_SAFE = str.maketrans("-_", "+/", " \t\r\n")


def body_of(body: Any, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a body without its content encoding, and why it isn't known, empty if it is.

    Cassettes have text, bytes, or an object with `string` or `base64_string`.
    """
    if isinstance(body, Mapping):
        coded = body.get("base64_string")
        body = from_base64(coded) if coded else body.get("string")
        if coded and body is None:
            return b"", NOT_DECODED
    if not isinstance(body, str | bytes):
        return b"", NOT_KEPT
    if not body:
        return b"", NOT_KEPT if headers.get("content-length", "0") != "0" else ""
    return decoded(encode_text(body) if isinstance(body, str) else body, headers)


def decoded(raw: bytes, headers: Mapping[str, str], size: Any = None) -> tuple[bytes, str]:
    """Return a body without its content encoding, and why it isn't known. `size` is how long it was, if known."""
    body = _without_encoding(raw, headers)
    return (b"", NOT_DECODED) if body is None else (body, _why_unread(body, size))


def from_base64(coded: Any) -> bytes | None:
    """Return what is coded in base64, None if it isn't. Some recorders write a list of pieces, as text in JSON."""
    if not isinstance(coded, str):
        return coded if isinstance(coded, bytes) else None
    try:
        pieces = orjson.loads(coded) if coded.startswith('["') else [coded]
        return b"".join(b64decode(piece.translate(_URL_SAFE), validate=True) for piece in pieces)
    except (ValueError, TypeError, AttributeError):
        return None


def _without_encoding(body: bytes, headers: Mapping[str, str]) -> bytes | None:
    """Return a body without its content encoding, None if it can't be decoded. Most recorders have decoded a text."""
    try:
        body.decode()
    except UnicodeDecodeError:
        from ..content_encoding import decode_body

        named = headers if headers.get("content-encoding") or not body.startswith(_GZIP) else _AS_GZIP
        decoded = decode_body(body, named)
        return decoded if decoded is not None and _is_complete(body, named) else None
    return body


def _why_unread(body: bytes, length: Any = None) -> str:
    """Return why a body isn't the one that the server sent, empty if it may be. `length` is how long it was, if known.

    Recorders cut long bodies, and copies of a recording may be damaged: U+FFFD stands for what was no text.
    """
    cut, damaged = type(length) is int and 0 < len(body) < length, _LOST in body
    if not (cut or damaged) or parse_body(body) is not NOT_JSON:
        return ""
    return CUT if cut else DAMAGED


def _is_complete(body: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a compressed body has its end: a decoder of streams accepts a part of it."""
    for form in _COMPRESSED.get(headers.get("content-encoding", "").strip().lower(), ()):
        decompressor = zlib.decompressobj(form)
        with suppress(zlib.error):
            decompressor.decompress(body)
            return decompressor.eof
    return True
