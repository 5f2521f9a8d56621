"""Attacks by the bytes of HTTP/1.1: heads, lengths, chunks, pipelines and offers to upgrade."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from random import Random

from tests.campaigns.hostile.attack import Attack
from tests.campaigns.hostile.conversation import Conversation
from tests.campaigns.hostile.requests import control, request
from tests.support import JOBS

START = b'{"query": "chemists"}'
_PATH = JOBS["clado"]
_SMUGGLED = request("POST", _PATH, "lk_smuggled", START)
Rows = Sequence[Conversation]


def _post(name: str, *headers: tuple[str, str | bytes], body: bytes = START, length: bool = False) -> bytes:
    return request("POST", _PATH, f"lk_{name}", body, *headers, length=length)


_REFUSED: dict[str, Callable[[str], bytes]] = {
    "two lengths": lambda name: _post(name, ("Content-Length", "21"), ("Content-Length", "20")),
    "length and chunks": lambda name: _post(name, ("Content-Length", "5"), ("Transfer-Encoding", "chunked"),
                                            body=b"0\r\n\r\n" + _SMUGGLED),
    "chunks and length": lambda name: _post(name, ("Transfer-Encoding", "chunked"), ("Content-Length", "5"),
                                            body=b"0\r\n\r\n" + _SMUGGLED),
    "negative length": lambda name: _post(name, ("Content-Length", "-1")),
    "length with a sign": lambda name: _post(name, ("Content-Length", "+21")),
    "length of letters": lambda name: _post(name, ("Content-Length", "0x15")),
    "length beyond 64 bits": lambda name: _post(name, ("Content-Length", "9" * 40)),
    "two lengths in one": lambda name: _post(name, ("Content-Length", "21, 21")),
    "chunked is not last": lambda name: _post(name, ("Transfer-Encoding", "chunked, identity"), body=b"0\r\n\r\n"),
    "blank before the colon": lambda name: _post(name, ("Content-Length ", "21")),
    "folded header": lambda name: _post(name, ("X-A", "1\r\n 2"), length=True),
    "bare line feeds": lambda name: _post(name, length=True).replace(b"\r\n", b"\n"),
    "bare carriage return": lambda name: _post(name, ("X-A", "1\r2"), length=True),
    "NUL in a header": lambda name: _post(name, ("X-A", "1\x002"), length=True),
    "header without a colon": lambda name: _post(name, length=True).replace(b"Host: ", b"Host "),
    "no header name": lambda name: _post(name, ("", "1"), length=True),
    "chunk size of letters": lambda name: _post(name, ("Transfer-Encoding", "chunked"), body=b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunk size beyond 64 bits": lambda name: _post(name, ("Transfer-Encoding", "chunked"), body=b"f" * 40 + b"\r\n"),
    "chunk without its end": lambda name: _post(name, ("Transfer-Encoding", "chunked"), body=b"2\r\n{}}}\r\n0\r\n\r\n"),
    "HTTP/2 preface": lambda name: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "TLS hello": lambda name: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    "HTTP/9.9": lambda name: b"GET / HTTP/9.9\r\n\r\n",
    "no version": lambda name: b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "unknown method": lambda name: b"JOBMOCK / HTTP/1.1\r\nHost: x\r\n\r\n",
    "method in lower case": lambda name: b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a proxy's preface": lambda name: b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n",
    "random bytes": lambda name: Random(name).randbytes(5_000),
}  # fmt: skip
"""Requests with which a server must not go on: their end is unclear. The rest may hide another request."""


def refused(rng: Random, name: str) -> Rows:
    """A request whose framing is wrong, with a whole request behind it."""
    return [Conversation([_REFUSED[rng.choice(sorted(_REFUSED))](name) + _SMUGGLED], refused=True)]


def every_wrong_framing(rng: Random, name: str) -> Rows:
    """All requests whose framing is wrong, each on a connection of its own."""
    return [Conversation([make(name) + _SMUGGLED], refused=True) for make in _REFUSED.values()]


def chunked(rng: Random, name: str) -> Rows:
    """A body in chunks of odd sizes, with extensions and trailers."""
    size = rng.choice((1, 1, 7, 4_000, 60_000))
    body = b'{"query": "' + b"x" * rng.choice((10, 3_000, 900_000 if size > 100 else 9_000)) + b'"}'
    extension = rng.choice((b"", b";a=b", b';a="' + b"x" * 500 + b'"'))
    trailer = rng.choice((b"", b"X-Trailer: 1\r\n", b"Content-Length: 3\r\n", b"Authorization: Bearer lk_other\r\n"))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    sent = b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)
    head = request("POST", _PATH, f"lk_{name}", b"", ("Transfer-Encoding", "chunked"))
    return [Conversation([head + sent + b"0\r\n" + trailer + b"\r\n"])]


def many_headers(rng: Random, name: str) -> Rows:
    """Thousands of headers, or one of up to 1 MiB."""
    count, size = rng.choice(((60_000, 2), (5_000, 100), (50, 15_000), (1, 1_000_000), (1, 60_000)))
    field = rng.choice(("X-A{}", "X-A", "Cookie", "Authorization", "Host", "Origin", "Accept-Encoding", "X-Api-Key"))
    value = rng.choice(("x", "lk_a ", "%6C", ",", "\xff")) * size
    headers = [(field.format(number), value[:size]) for number in range(count)]
    make = rng.choice((request, _control_of))
    return [Conversation([make("GET", f"{_PATH}/x", f"lk_{name}", b"", *headers)])]


def _control_of(method: str, path: str, key: str, body: bytes, *headers: tuple[str, str]) -> bytes:
    return control(method, "jobs", key, body, *headers)


_GARBAGE = (
    "%", "%0", "%00", "%ff", "%6C%6b_", "%25" * 3, "/", "//", "/..", "/./", "x", "%2F", ";a", "~", "\xff", "%C3%A9",
    "/deep_research", "/api", "=", "&", "lk_", "bGtf", "|", "{", "<", "\"", "'", "\\", "+", ".", ":", "@", "*",
)  # fmt: skip


def garbage_path(rng: Random, name: str) -> Rows:
    """A path of garbage, of up to 1 MiB."""
    size = rng.choice((5, 300, 5_000, 60_000, 900_000))
    pieces = rng.choices(_GARBAGE, k=rng.choice((1, 3)))
    begin = rng.choice(("/", _PATH + "/", JOBS["orbit"] + "/", "/__jobmock/", "/v2/developer/profiles/", "*", "http://x/"))
    text = begin + "".join(pieces * (size // max(1, len("".join(pieces))) + 1))[:size]
    return [Conversation([request(rng.choice(("GET", "POST", "DELETE", "PUT")), text, f"lk_{name}")])]


def garbage_query(rng: Random, name: str) -> Rows:
    """A query of garbage behind the path of a job."""
    job = f"{_PATH}/of-{name}"
    size = rng.choice((5, 300, 5_000, 60_000, 900_000))
    fields = ("page", "page_size", "legacy", "x", "after", "api_key", "%70age")
    values = ("1", "-1", "9" * 18, "9" * 400, "%00", "", "true", "1e9", "lk_secret", "%D9%A3", "%ff")
    pairs = [f"{rng.choice(fields)}={rng.choice(values)}" for _ in range(20)]
    query = rng.choice(("&", "&&", ";", "?")).join(pairs * (size // 100 + 1))[:size]
    make = control("POST", "jobs", f"lk_{name}", b'{"scenario": "clado/full-page", "id": "of-%b"}' % name.encode())
    read = rng.choice((f"{job}?{query}", f"/__jobmock/findings?{query}", f"/__jobmock/journal?{query}"))
    return [Conversation([make, request("GET", read, f"lk_{name}")], answers=2, may_end=True)]


def pipeline(rng: Random, name: str) -> Rows:
    """Hundreds of requests at once on one connection, cut into pieces anywhere."""
    count = rng.choice((20, 200, 1_000))
    sent = b"".join(
        rng.choice((request("GET", f"{_PATH}/{number}", f"lk_{name}"), request("POST", _PATH, f"lk_{name}", START),
                    control("GET", "clock", f"lk_{name}"), request("GET", f"/nowhere/{number}")))
        for number in range(count)
    )  # fmt: skip
    size = rng.choice((len(sent), len(sent), 5_000, 700))
    return [Conversation([sent[start : start + size] for start in range(0, len(sent), size)], answers=count)]


def garbage_behind(rng: Random, name: str) -> Rows:
    """Some requests with what isn't HTTP behind them; each of their answers must be whole."""
    key, count = f"lk_{name}", rng.choice((1, 5, 100))
    make = control("POST", "jobs", key, b'{"scenario": "clado/thousand", "id": "of-%b"}' % name.encode())
    poll = request("GET", f"{_PATH}/{rng.choice((f'of-{name}', 'x'))}", key)
    wrong = _REFUSED[rng.choice(sorted(_REFUSED))](name)
    return [Conversation([make + poll * count + wrong], answers=count + 1, statuses=frozenset({200, 201, 403, 404}))]


def upgrades(rng: Random, name: str) -> Rows:
    """An offer to upgrade the protocol; the body must be read all the same."""
    protocol = rng.choice(("h2c", "websocket", "TLS/1.2", "h2c, h2c", "x" * 5_000, ""))
    headers = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", protocol), ("HTTP2-Settings", "AAMAAABkAAQAAP__")]
    one = request("POST", _PATH, f"lk_{name}", START, *headers)
    count = rng.choice((1, 3))
    return [Conversation([one * count], answers=count)]


def encodings(rng: Random, name: str) -> Rows:
    """A compressed body, or a wrong declaration of one."""
    bomb = gzip.compress(b" " * 50_000_000, 9)
    coding, body = rng.choice((
        ("gzip", bomb), ("gzip", gzip.compress(START)), ("gzip", START), ("deflate", zlib.compress(START)),
        ("br", START), ("gzip, gzip", gzip.compress(bomb)), ("identity", START), ("x" * 50_000, START), ("", START),
    ))  # fmt: skip
    target = rng.choice((_PATH, "/__jobmock/jobs", f"{_PATH}/x/more"))
    kind = rng.choice(("application/json", "text/plain", "multipart/form-data", "application/json; charset=utf-16"))
    headers = [("Content-Encoding", coding), ("Content-Type", kind)]
    return [Conversation([request("POST", target, f"lk_{name}", body, *headers)])]


def odd_methods(rng: Random, name: str) -> Rows:
    """Methods that no route has."""
    method = rng.choice(("OPTIONS", "TRACE", "PATCH", "PROPFIND", "PURGE", "SUBSCRIBE", "LINK", "HEAD", "M-SEARCH"))
    path = rng.choice(("/", "*", _PATH, f"{_PATH}/x", "/__jobmock/clock", "/__jobmock/health", "http://other.invalid/x"))
    return [Conversation([request(method, path, f"lk_{name}")], head_only=method == "HEAD")]


def expectations(rng: Random, name: str) -> Rows:
    """`Expect`, `Connection` and `Range` headers with odd values."""
    headers = rng.choice((
        ("Expect", "100-continue"), ("Expect", "x" * 9_000), ("Connection", "keep-alive, content-length"),
        ("Range", "bytes=0-0,-1"), ("If-None-Match", "*"), ("TE", "trailers"), ("Keep-Alive", "timeout=0"),
    ))  # fmt: skip
    return [Conversation([request("POST", _PATH, f"lk_{name}", START, headers)])]


def half_requests(rng: Random, name: str) -> Rows:
    """Many connections with half a request each, which then leave."""
    whole = request("POST", _PATH, f"lk_{name}", START * 50, ("X-A", "1" * 300))
    cuts = [rng.randrange(1, len(whole)) for _ in range(rng.choice((5, 100)))]
    return [Conversation([whole[:cut]], leaves=True) for cut in cuts]


def slow_bodies(rng: Random, name: str) -> Rows:
    """Some clients that send a byte now and then."""
    whole = request("POST", _PATH, f"lk_{name}", START)
    size = rng.choice((1, 5, 40))
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    return [Conversation(pieces, pause=0.3 / len(pieces)) for _ in range(rng.choice((3, 30)))]


def leaves_early(rng: Random, name: str) -> Rows:
    """Clients that request a large answer and never read it."""
    key, path = f"lk_{name}", f"{_PATH}/of-{name}"
    make = control("POST", "jobs", key, b'{"scenario": "clado/thousand", "id": "of-%b"}' % name.encode())
    on = control("POST", "clock/advance", key, b'{"seconds": 3600}')
    return [Conversation([make, on, request("GET", path, key) * rng.choice((1, 8))], leaves=True, pause=0.01)] * 3


def too_long(rng: Random, name: str) -> Rows:
    """A body above 1 MiB; it's drained and answered with 413."""
    size = rng.choice((0, 1, 100_000, 3_000_000))
    body = b" " * ((1 << 20) - len(START) + size) + START
    return [Conversation([request("POST", rng.choice((_PATH, JOBS["orbit"], "/x")), f"lk_{name}", body)])]


ATTACKS = tuple(
    Attack(f"raw HTTP: {make.__doc__.partition('.')[0]}", make)  # type: ignore[union-attr]
    for make in (
        refused, every_wrong_framing, chunked, many_headers, garbage_path, garbage_query, pipeline, garbage_behind,
        upgrades, encodings, odd_methods, expectations, half_requests, slow_bodies, leaves_early, too_long,
    )
)  # fmt: skip
