"""Hostile JSON values, and bodies that have one in a field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random

from tests.checking.readers.hostile_inputs import VALUES, numbered

_USUAL = ("a long text", "many empty objects", "deep lists", "many keys", "escapes", "many different objects")
LONGEST = 1 << 20
"""So long a body is taken; a longer one is 413."""
_SIZES = (10, 1_000, 60_000, 300_000, 1_000_000)
_SMALL: tuple[bytes, ...] = (
    b"null", b"true", b"false", b"0", b"-0", b"-1", b"1", b"0.5", b"1.0", b"1e2", b"1e400", b"-1e400", b"1e-400",
    b"9007199254740993", b"9223372036854775808", b"18446744073709551616", b"1" + b"0" * 400, b"NaN", b"Infinity",
    b'""', b'" "', b'"\\u0000"', b'"\\ud83d"', b'"\\udc00\\ud800"', b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\xc3"',
    b'"\\u202e"', b'"\\r\\nX-Injected: 1\\r\\n\\r\\nHTTP/1.1 200 OK"', b'"../../../../etc/passwd"', b'"%00%2e%2e%2f"',
    b'"{{7*7}}${7*7}"', b'"clado/../orbit/usual"', b'"clado/usual\\u0000"', b'"/dev/zero"', b'"file:///etc/passwd"',
    b"[]", b"{}", b"[null]", b'[""]', b"[[]]", b'{"": ""}', b'{"$ref": "#"}', b'{"__proto__": {"a": 1}}',
    b"", b"{", b"[1,]", b"'x'", b"/* */ 1", b'"\x00"', b'"\n"', b"\xef\xbb\xbf1", b"1 2",
)  # fmt: skip
_TEXTS: Mapping[str, Callable[[int], str]] = {
    "address": lambda size: "a@" + "a." * (size // 2),
    "address without a dot": lambda size: "a" * (size // 2) + "@" + "b" * (size // 2),
    "many at signs": lambda size: "@" * size,
    "digits": lambda size: "+" + "1 " * (size // 2),
    "digits of other scripts": lambda size: "٣" * size,
    "number of a phone with marks": lambda size: "+4312345678" + "-" * size,
    "name of a host": lambda size: "http://" + "a." * (size // 2) + "invalid/in/x",
    "path": lambda size: "https://linkedin.com/in" + "/x" * (size // 2),
    "port": lambda size: "http://linkedin.com:" + "9" * size + "/in/x",
    "open bracket": lambda size: "http://[" + ":" * size,
    "user": lambda size: "http://" + "@" * size + "linkedin.com/in/x",
    "no slug": lambda size: "https://linkedin.com/in/" + "/" * size,
    "combining marks": lambda size: "é" * (size // 3),
    "scenario": lambda size: "clado/" + "usua" * (size // 4),
    "key": lambda size: "lk_" + "k" * size,
    "keys": lambda size: "lk_a " * (size // 5),
    "time": lambda size: "2026-01-01T00:00:00." + "0" * size,
    "base64": lambda size: "bGtf" * (size // 4),
    "percent": lambda size: "%6C%6b%5F" * (size // 9),
}


def value(rng: Random) -> bytes:
    """Return a hostile value, of which some are no JSON."""
    kind, size = rng.randrange(3), rng.choice(_SIZES)
    if kind == 0:
        return rng.choice(_SMALL)
    if kind == 1:
        return json.dumps(_TEXTS[rng.choice(sorted(_TEXTS))](size), ensure_ascii=rng.random() < 0.5).encode()
    return VALUES[rng.choice(sorted(VALUES))](size).encode()


def of_type(rng: Random, size: int) -> bytes:
    """Return a valid value of about a size: a text, a list or an object."""
    return VALUES[rng.choice(_USUAL)](size).encode()


def with_field(base: Mapping[str, object], name: str, hostile: bytes) -> bytes:
    """Return an object with the members of `base`, and a field with a hostile value in place of its own."""
    members = [_member(key, json.dumps(member).encode()) for key, member in base.items() if key != name]
    return cut(b"{" + b",".join([*members, _member(name, hostile)]) + b"}")


def with_unknown_fields(base: Mapping[str, object], rng: Random) -> bytes:
    """Return an object with thousands of unknown fields, whose names may be near to those of `base`."""
    near = rng.choice(("x", *base))
    form = rng.choice(('"{}": 0', '"' + near + '{}": null', '"' + near[:-1] + '{}": []', '"' + "k" * 900 + '{}": 0'))
    many = numbered("§", rng.choice((20_000, 200_000, 900_000)) // len(form)).split(",")
    members = [form.replace("{}", str(number)).encode() for number in range(len(many) * 4)]
    known = [_member(key, json.dumps(member).encode()) for key, member in base.items()]
    rows = [*members, *known] if rng.random() < 0.5 else [*known, *members]
    return cut(b"{" + b",".join(rows) + b"}")


def cut(body: bytes) -> bytes:
    """Return a body, cut to the longest that is taken. A cut one is no JSON."""
    return body[:LONGEST]


def _member(name: str, text: bytes) -> bytes:
    return json.dumps(name).encode() + b": " + text
