"""Removes API keys from texts before they are written or printed. Everything that shows a text of others uses it.

A key is cut to its prefix: `lk_secret` becomes `lk_…`. It is found wherever it begins, also within a word, and as it is
written in a URL (percent-encoded, up to three times), in JSON (`\\u006ck_`) and in base64. It may hold any visible
character, so it ends at a blank, or in JSON at the end of its string. Each scan takes time in proportion to the text.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from . import key_prefixes
from .coded_keys import cut_coded_keys

CUT = "…"
"""Stands in place of what is cut off. No path and no query can contain it otherwise."""
LONGEST = 8_000
"""So much of a path, a query or an id is searched and kept: a search for keys in 1 MiB takes up to a second."""
_ANY_CASE = re.IGNORECASE
_TO_BLANK = re.compile(rf"(?!{CUT})[^\t-\r ]*[A-Za-z0-9]")
_TO_QUOTE = re.compile(rf'(?!{CUT})(?:[^\t-\r "\\]|\\.)*[A-Za-z0-9]')
"""What follows a prefix, to the last letter or digit of a word (or of a string in JSON)."""
_BASE64_BEFORE = re.compile(r"[A-Za-z0-9+/_-]*\Z")
_BASE64_AFTER = re.compile(r"[A-Za-z0-9+/_-]*")
_URL_SAFE = str.maketrans("-_", "+/")
_ShownTo = Callable[[str, re.Match[str]], int | None]
_SEPARATOR = re.compile(r"([/\t-\r ])")
_DECODINGS = 3
_JSON_ESCAPE = re.compile(r"\\{1,4}u([0-9A-Fa-f]{4})|\\(/)")
_NUMBER = re.compile(r"[a-z_]{1,20}=[0-9]{1,4}")
"""A parameter that a query keeps behind a key, such as `page=2`."""
_SECRET_HEADER = re.compile(
    r"auth|cookie|credential|pass(?:word|wd)|secret|session|signature|token|(?<!idempotency-)key", _ANY_CASE
)  # fmt: skip


def redact(text: str) -> str:
    """Return a text in which each key is cut to its prefix."""
    shown = _cut_keys(text, _TO_BLANK)
    if ("%" in shown or "\\" in shown) and _hides_key(shown):
        return _cut_hidden_key(shown)
    return shown


def redact_id(text: str) -> str:
    """Return an id without keys. A digest stands in place of the end of a very long one, so that ids stay different."""
    if len(text) <= LONGEST:
        return redact(text)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{redact(text[:LONGEST])} {digest}"


def redact_url(path: str, query: str) -> tuple[str, str]:
    """Return a path and a query without keys.

    A key may hold `/`, `?` and `&`, so only parameters with a short number stay behind it.
    """
    shown = cut_coded_keys(redact(path), _has_key, CUT)
    if shown != path:
        return shown, _numbers_of(query)
    cut = cut_coded_keys(redact(query), _has_key, CUT)
    if cut == query:
        return path, query
    begin = cut.index(CUT)
    numbers = _numbers_of(query[begin:].partition("&")[2])
    return path, cut[: begin + 1] + "&" * bool(numbers) + numbers


def _has_key(text: str) -> bool:
    return redact(text) != text


def redact_header(name: str, value: str) -> str:
    """Return the value of a header without keys. Of a header that is there for a secret, nothing is shown."""
    return CUT if _SECRET_HEADER.search(name) else redact(value)


def redact_body(body: bytes) -> str:
    """Return a body as text without keys. JSON stays JSON."""
    text = body.decode("utf-8", "replace")
    shown = redact(text)
    if shown == text or not _is_json(body):
        return shown
    shown = _cut_keys(text, _TO_QUOTE)
    return CUT if _hides_key(shown) else shown


def _numbers_of(query: str) -> str:
    """Return the parameters of a query that are short numbers."""
    return "&".join(one for one in query.split("&") if _NUMBER.fullmatch(one) and redact(one) == one)


def _is_json(body: bytes) -> bool:
    import orjson

    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _cut_keys(text: str, rest: re.Pattern[str]) -> str:
    """Return a text without keys; `rest` matches what follows a prefix."""
    if "%" in text or "\\" in text or key_prefixes.any_is_in(text.lower()):
        text = _cut(text, key_prefixes.plain(), _end_of_prefix, rest)
    if key_prefixes.maybe_base64().search(text):
        text = _cut(text, key_prefixes.in_base64(), _begin_of_base64, rest)
    return text


def _cut(text: str, prefixes: re.Pattern[str], shown_to: _ShownTo, rest: re.Pattern[str]) -> str:
    """Return a text without the keys behind these prefixes. `shown_to` returns where the shown part of a key ends."""
    pieces, done, at = list[str](), 0, 0
    while prefix := prefixes.search(text, at):
        at, shown = prefix.start() + 1, shown_to(text, prefix)
        if shown is not None and (found := rest.match(text, prefix.end())):
            pieces += text[done:shown], CUT
            done = at = found.end()
    return "".join((*pieces, text[done:])) if pieces else text


def _end_of_prefix(text: str, prefix: re.Match[str]) -> int | None:
    """Return where a prefix ends, None if an ordinary word ends with it."""
    no_key, begin = key_prefixes.no_key_after(prefix.lastgroup or ""), prefix.start()
    return None if no_key and no_key.search(text, max(0, begin - key_prefixes.near()), begin) else prefix.end()


def _begin_of_base64(text: str, prefix: re.Match[str]) -> int | None:
    """Return where a prefix in base64 begins, None if it is none once it is decoded with what is around it."""
    begin, shift, near = prefix.start(), int((prefix.lastgroup or "")[1:]), key_prefixes.near()
    before = _BASE64_BEFORE.search(text, max(0, begin - near), begin)
    known = begin - before.start() if before else 0
    led = shift + (known - shift) // 4 * 4 if known >= shift else known
    after = _BASE64_AFTER.match(text, begin, begin + near)
    coded = "A" * (shift - led) + text[begin - led : after.end() if after else begin]
    return begin if _is_key_in_base64(coded) else None


@key_prefixes.cached
@lru_cache(maxsize=256)
def _is_key_in_base64(coded: str) -> bool:
    decoded = b64decode(coded.translate(_URL_SAFE)[: len(coded) // 4 * 4]).decode("latin-1")
    ends = (_end_of_prefix(decoded, found) for found in key_prefixes.plain().finditer(decoded))
    return any(end is not None and decoded[end : end + 1].isalnum() for end in ends)


def _cut_hidden_key(text: str) -> str:
    """Return a text to the first word or segment that holds a key once it is decoded."""
    end = 0
    for part in _SEPARATOR.split(text):
        if _hides_key(part):
            break
        end += len(part)
    return text[: end if end < len(text) else 0] + CUT


def _hides_key(text: str) -> bool:
    """Return whether a text holds a key once it is decoded."""
    from urllib.parse import unquote

    for _ in range(_DECODINGS):
        before = text
        for decode in (unquote, _without_json_escapes):
            text = decode(text)
            if text != before and _cut_keys(text, _TO_BLANK) != text:
                return True
        if text == before:
            return False
    return False


def _without_json_escapes(text: str) -> str:
    return _JSON_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), text)
