"""The spellings of an API key, and how somebody may read what is left of one."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from random import Random
from urllib.parse import quote, unquote


def _percent(text: str) -> str:
    return "".join(f"%{code:02X}" for code in text.encode())


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "upper": str.upper,
    "first letter": lambda key: f"%{ord(key[0]):02X}{key[1:]}",
    "first letter twice": lambda key: f"%25{ord(key[0]):02x}{key[1:]}",
    "percent": _percent,
    "percent twice": lambda key: _percent(_percent(key)),
    "quoted twice": lambda key: quote(quote(f"={key}", safe=""), safe=""),
    "in a word": lambda key: f"token{key}" if not key.startswith("sk-") else f"x_{key}",
    "behind a line": lambda key: f"x_{key}",
    "slash": lambda key: f"{key[:-4]}/{key[-4:]}",
    "ampersand": lambda key: f"{key[:-4]}&{key[-4:]}",
    "base64": _base64,
    "basic": lambda key: f"Basic {_base64(f'user:{key}')}",
    "basic, no name": lambda key: f"Basic {_base64(f':{key}')}",
    "base64 of JSON": lambda key: urlsafe_b64encode(json.dumps({"k": key}).encode()).decode(),
    "base64 in a token": lambda key: f"v1.{_base64(f'a:{key}')}.sig",
    "base64 quoted": lambda key: quote(_base64(f"u:{key}"), safe=""),
    "JSON": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "JSON letter": lambda key: f"\\u{ord(key[0]):04x}{key[1:]}",
    "bearer": lambda key: f"Bearer {key}",
}
"""The spellings of a key."""


def readings(text: str) -> Iterator[str]:
    """Yield a text as somebody may read it: as it is, decoded from percent, JSON and base64, one after another."""
    every = {text}
    for _ in range(3):
        every |= {unquote(each) for each in every}
        every |= {re.sub(r"\\+u([0-9a-fA-F]{4})", lambda sign: chr(int(sign[1], 16)), each) for each in every}
    yield from every
    for each in every:
        for run in re.findall(r"[A-Za-z0-9+/_-]{6,}", each):
            for shift in range(4):
                coded = run[shift:].replace("-", "+").replace("_", "/")
                yield b64decode(coded[: len(coded) // 4 * 4]).decode("latin-1")


class Planted:
    """One key in one spelling; `found` returns where a part of it is left."""

    def __init__(self, rng: Random, form: str) -> None:
        self.mark = f"q{rng.getrandbits(56):014x}z"
        self.key = f"{rng.choice(('lk_', 'sk_orb_', 'sk-'))}{self.mark}"
        self.form, self.text = form, FORMS[form](self.key)
        parts = (self.mark, self.mark[:-4] + "/" + self.mark[-4:], self.mark[1:9])
        self._parts = [part.lower() for part in parts]

    def found(self, written: str) -> str | None:
        """Return the reading of what was written in which a part of the key is left, None if there is none."""
        for text in readings(written):
            low = text.lower()
            if any(part in low for part in self._parts):
                return text[:300]
        return None
