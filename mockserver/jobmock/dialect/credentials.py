"""How requests carry the key of an API: in which header, behind which word."""

from __future__ import annotations

from typing import NamedTuple

from ..engine.headers import Headers, is_key
from ..models import Request


class Credential(NamedTuple):
    """The header that has the key, in lower case, and the word before the key, which may be empty.

    An API without keys has no `header`. All its requests share one namespace.
    """

    header: bytes | None = b"authorization"
    scheme: str = "Bearer"

    def sent(self, request: Request) -> bytes | None:
        """Return the value of the header in a request, or None."""
        return None if self.header is None else request.header(self.header)

    def key_in(self, value: bytes | None) -> str | None:
        """Return the key in a value of the header; None if there is no value, or another word is before the key."""
        scheme, _, key = (value or b"").strip().partition(b" ") if self.scheme else (b"", b"", (value or b"").strip())
        if value is None or scheme.lower() != self.scheme.lower().encode():
            return None
        return key.strip().decode("latin-1")

    def has_key(self, request: Request, prefix: str) -> bool:
        """Return whether a request has a key with this prefix."""
        return is_key(self.key_in(self.sent(request)) or "", prefix)

    def value(self, key: str) -> bytes | None:
        """Return the value of the header with a key; None for an API without keys."""
        return None if self.header is None else f"{self.scheme} {key}".strip().encode("latin-1")

    def headers(self, key: str) -> Headers:
        """Return the headers of a request with a key."""
        value = self.value(key)
        return () if self.header is None or value is None else ((self.header, value),)

    def written(self, key: str) -> str:
        """Return the header with a key, as it is usually written."""
        name = "-".join(part.capitalize() for part in (self.header or b"").decode().split("-"))
        return f"{name}: {self.scheme} {key}" if self.scheme else f"{name}: {key}"

    def form(self, prefix: str) -> str:
        """Return in words how a key with this prefix is sent."""
        return self.written(f"{prefix}…")

    def problem(self, value: bytes | None, prefix: str) -> str | None:
        """Return what is wrong with the form of the key in a value of the header, as a sentence, or None."""
        if self.header is None:
            return None
        key = self.key_in(value)
        if not (value or b"").strip():
            return f"There is no header {self.form(prefix)}"
        if key is None:
            return f"The API key isn't sent as a {self.scheme.lower()} token: {self.form(prefix)}"
        if not key:
            return "The API key is missing."
        if not key.startswith(prefix):
            return f"The API key is invalid. One begins with {prefix}."
        if not is_key(key, prefix):
            return f"The API key is invalid. After {prefix} it has 1 to 500 visible ASCII characters."
        return None


BEARER = Credential()
"""The header `Authorization: Bearer KEY`."""
NO_KEY = Credential(header=None)
"""Of an API without keys."""
