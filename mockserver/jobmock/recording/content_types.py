"""The content type of a recorded answer: kept if it is a usual one, else replaced by one of the same kind."""

from __future__ import annotations

import codecs
from collections.abc import Collection

from ..checking.messages import MEDIA_TYPE, is_word
from .replaced_names import UNLISTED

_MEDIA_TYPES = frozenset({
    "application/json", "application/problem+json", "application/hal+json", "application/ld+json", "application/xml",
    "application/vnd.api+json", "application/x-ndjson", "application/jsonl", "application/problem+xml",
    "application/yaml", "application/octet-stream", "application/javascript", "application/x-www-form-urlencoded",
    "text/html", "text/plain", "text/css", "text/csv", "text/xml", "text/json", "text/x-json", "text/javascript",
    "text/event-stream",
})  # fmt: skip
_UTF_8 = ("", "charset=utf-8")


def recorded_content_type(value: str, words: Collection[str] = ()) -> str:
    """Return a content type without data. UTF-8 isn't stated, because it is the same as no charset.

    `words` are media types that may be kept too.
    """
    media, _, parameters = value.strip().lower().replace(" ", "").partition(";")
    kept = media if media in _MEDIA_TYPES or media in words or not media else _replaced(media)
    if parameters.replace('"', "") in _UTF_8:
        return kept
    name, _, charset = parameters.replace('"', "").partition("=")
    if name == "charset" and MEDIA_TYPE.fullmatch(f"{media};{parameters}") and is_word(charset):
        return f"{kept}; charset={charset if _is_charset(charset) else UNLISTED}"
    return f"{kept}; {UNLISTED}=1"


def _replaced(media: str) -> str:
    """Return another media type, which is JSON if it was JSON, and has the form of one if it had it."""
    if not MEDIA_TYPE.fullmatch(media):
        return UNLISTED
    return f"application/{UNLISTED}{'+json' * media.endswith('+json')}"


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False
