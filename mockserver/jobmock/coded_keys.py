"""Finds API keys in a URL that are written in hexadecimal digits, in base32, or in base64 more than once."""

from __future__ import annotations

import re
from base64 import b32decode, b64decode
from collections.abc import Callable
from urllib.parse import unquote

_WORD = re.compile(r"[A-Za-z0-9+_%-]{12,}=*")
"""What may be a coded key: a long word without a separator."""
_URL_SAFE = str.maketrans("-_", "+/")
_DEPTH = 3


def cut_coded_keys(text: str, has_key: Callable[[str], bool], cut: str) -> str:
    """Return a text with `cut` in place of each word that is a coded key. `has_key` finds a key in a decoded word."""
    return _WORD.sub(lambda word: cut if _is_coded_key(unquote(word[0]), has_key, _DEPTH) else word[0], text)


def _is_coded_key(word: str, has_key: Callable[[str], bool], depth: int) -> bool:
    for decode in (_from_hex, _from_base32, _from_base64):
        decoded = decode(word)
        if decoded and (has_key(decoded) or (depth > 1 and _is_coded_key(decoded, has_key, depth - 1))):
            return True
    return False


def _from_hex(word: str) -> str:
    try:
        return _text(bytes.fromhex(word))
    except ValueError:
        return ""


def _from_base32(word: str) -> str:
    try:
        return _text(b32decode(word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 8), casefold=True))
    except ValueError:
        return ""


def _from_base64(word: str) -> str:
    bare = word.rstrip("=").translate(_URL_SAFE)
    try:
        return _text(b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except ValueError:
        return ""


def _text(decoded: bytes) -> str:
    """Return decoded bytes as text, if they are visible ASCII characters; else an empty text."""
    return decoded.decode("ascii") if decoded.isascii() and decoded.decode("ascii").isprintable() else ""
