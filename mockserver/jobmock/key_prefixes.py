"""The prefixes that API keys begin with, and patterns for all spellings of them.

Those of jobmock's own APIs are always known. The loading of another API adds its prefix.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from itertools import product
from typing import NamedTuple, Protocol, TypeVar

_ANY_CASE = re.IGNORECASE
_ORDINARY = "ba|bu|cau|cha|e|fo|hu|i|mi|po|si|sta|su|ta|wa|whe|yo"
"""How the ordinary words begin that end with `lk`, such as bulk and milk: `bulk_jobs` is no key."""
_ESCAPE = r"(?:%[0-9A-F]{2}|\\u[0-9A-F]{4}|\\[bfnrt])"
_AFTER_WORD = rf"(?:^|[^A-Z]|{_ESCAPE})(?:{_ORDINARY})\Z"
_IN_WORD = r"(?<!%[0-9A-F]{2})(?<!\\u[0-9A-F]{4})(?<!\\[bfnrt])(?<=[A-Z0-9])\Z"
_LEAST_NEAR = 16


class _Prefix(NamedTuple):
    """A prefix in lower case, and a pattern for what it isn't one behind; None if it is one everywhere."""

    text: str
    no_key_after: str | None


_prefixes = [_Prefix("lk_", _AFTER_WORD), _Prefix("sk_orb_", None), _Prefix("sk-", _IN_WORD)]
"""`sk-` is a prefix only where a word begins, unlike in `risk-7`."""


class _Cached(Protocol):
    def cache_clear(self) -> None: ...


C = TypeVar("C", bound=_Cached)
_made: list[_Cached] = []


def cached(function: C) -> C:
    """Empty the cache of a function when a prefix is added."""
    _made.append(function)
    return function


def add(prefix: str) -> None:
    """Add the prefix of an API. A key with it is found where a word begins."""
    if any(prefix.lower() == known.text for known in _prefixes):
        return
    _prefixes.append(_Prefix(prefix.lower(), _IN_WORD))
    for one in _made:
        one.cache_clear()


def any_is_in(low: str) -> bool:
    """Return whether a text in lower case has a prefix. It is no key if an ordinary word ends with it."""
    return any(prefix.text in low for prefix in _prefixes)


@cached
@cache
def near() -> int:
    """Return how many characters around a prefix are looked at: more than the longest prefix has in base64."""
    return max(_LEAST_NEAR, *(2 * len(prefix.text) for prefix in _prefixes))


@cached
@cache
def no_key_after(group: str) -> re.Pattern[str] | None:
    """Return the pattern for what the prefix of a group of `plain` isn't one behind, or None."""
    pattern = _prefixes[int(group[1:])].no_key_after
    return None if pattern is None else re.compile(pattern, _ANY_CASE)


@cached
@cache
def plain() -> re.Pattern[str]:
    """Return a pattern for all prefixes, in every spelling, with a group for each."""
    spelled = ("".join(map(_spellings, prefix.text)) for prefix in _prefixes)
    return re.compile("|".join(f"(?P<p{number}>{one})" for number, one in enumerate(spelled)), _ANY_CASE)


def _spellings(sign: str) -> str:
    """Return a pattern for a character: as it is, percent-encoded once or more often, or escaped in JSON."""
    codes = {f"{ord(form):02x}" for form in (sign.lower(), sign.upper())}
    percent = r"%(?:25)*+"
    digits = {digit: f"(?:{digit}|{percent}(?:{ord(digit):x}|{ord(digit.upper()):x}))" for digit in "".join(codes)}
    coded = "|".join("".join(digits[digit] for digit in code) for code in sorted(codes))
    escaped = "|".join(sorted(codes))
    return rf"(?:{re.escape(sign)}|{percent}(?:{coded})|(?:\\|{percent}5c){{1,4}}u00(?:{escaped}))"


@cached
@cache
def in_base64() -> re.Pattern[str]:
    """Return a pattern for what the prefixes look like in base64, with a group for each number of bytes before them."""
    groups = ("|".join("".join(map(_one_of, signs)) for signs in forms) for forms in _base64_forms())
    return re.compile("|".join(f"(?P<s{shift}>{form})" for shift, form in enumerate(groups)))


@cached
@cache
def maybe_base64() -> re.Pattern[str]:
    """Return a pattern that is found quickly, and is in every text with a prefix in base64: three characters of it."""
    inner = [signs[1:4] for forms in _base64_forms() for signs in forms]
    return re.compile("".join(_one_of(set[str]().union(*signs)) for signs in zip(*inner, strict=True)))


@cached
@cache
def _base64_forms() -> list[list[list[set[str]]]]:
    """Return what the prefixes may be in base64, character by character, for each number of bytes before them."""
    beginnings = sorted({prefix.text[:3] for prefix in _prefixes})
    return [[_in_base64(one, shift) for one in beginnings] for shift in range(3)]


def _in_base64(beginning: str, shift: int) -> list[set[str]]:
    """Return what three characters may be in base64 behind so many bytes, in any case."""
    length = -(-8 * (shift + len(beginning)) // 6)
    signs = [set[str]() for _ in range(length)]
    for word in product(*({sign.lower(), sign.upper()} for sign in beginning)):
        for code in range(16):  # four bits of the byte before, and of the ASCII character behind, are in these
            raw = bytes([code]) * shift + "".join(word).encode() + bytes([8 * code])
            for place, sign in enumerate(b64encode(raw).decode()[:length]):
                signs[place].add(sign)
    return signs[shift:]


def _one_of(signs: set[str]) -> str:
    return f"[{re.escape(''.join(sorted(signs)))}]"
