"""VCR cassettes of Python and of Ruby are read, and their bodies decoded."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr  # type: ignore[import-untyped]
import yaml
from tests.checking.readers.recordings import PLACE, read, written
from tests.support import EPOCH, JOBS, KEYS

from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange
from jobmock.errors import UsageError

GZIP = gzip.compress(b'{"a": 1}', mtime=0)


def seen(one: LiveExchange) -> tuple[str, str, str, int, Any]:
    return one.method, one.path, one.query, one.status, json.loads(one.body)


@pytest.mark.parametrize("serializer", ["yaml", "json"])
@pytest.mark.parametrize("compressed", [False, True])
def test_cassette_of_python(serializer: str, compressed: bool, server: str, tmp_path: Path) -> None:
    """A cassette that vcrpy has recorded is read, in both of its forms."""
    path = tmp_path / f"cassette.{serializer}"
    headers = {"Authorization": f"Bearer {KEYS['clado']}"}
    recorder = vcr.VCR(serializer=serializer, decode_compressed_response=not compressed)
    with recorder.use_cassette(str(path), filter_headers=["authorization"]):
        started = requests.post(f"{server}{JOBS['clado']}", json={"query": "x"}, headers=headers, timeout=5).json()
        place = f"{JOBS['clado']}/{started['job_id']}"
        polled = requests.get(f"{server}{place}?page=1", headers=headers, timeout=5).json()
    start, poll = read(path)
    assert seen(start) == ("POST", JOBS["clado"], "", 200, started)
    assert json.loads(start.sent) == {"query": "x"}
    assert seen(poll) == ("GET", place, "page=1", 200, polled)
    assert str(poll.source) == f"{path}#/interactions/1"


def test_cassette_of_ruby(tmp_path: Path) -> None:
    """A cassette of Ruby's VCR has other names, a time, and bodies in base64."""
    body = '{"status": "pending"}'
    request = {"method": "get", "uri": f"https://search.clado.ai{PLACE}", "body": {"string": ""}}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {"Content-Type": ["application/json"]}}
    coded = {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(body.encode()).decode()}
    rows = [
        {"request": request, "response": {**answer, "body": form}, "recorded_at": "Thu, 01 Jan 2026 00:00:00 GMT"}
        for form in ({"encoding": "UTF-8", "string": body}, coded)
    ]
    path = written(tmp_path / "c.yml", "---\n" + yaml.safe_dump({"recorded_with": "VCR 6", "http_interactions": rows}))
    assert [(one.at, one.body) for one in read(path)] == [(EPOCH, body.encode())] * 2
    assert Check().judge(read(path)[0]) != []


def test_encoded_bodies_of_a_cassette_are_decoded(tmp_path: Path) -> None:
    """A body that was recorded compressed is decoded. YAML anchors are kept between interactions."""
    raw = gzip.compress(b'{"status": "pending"}')
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{PLACE}", "body": None, "headers": {}}
    headers = {"Content-Encoding": ["gzip"]}
    row = {"request": request, "response": {"status": {"code": 200}, "headers": headers, "body": {"string": raw}}}
    text = yaml.safe_dump({"interactions": [row, row], "version": 1})
    assert "*id" in text
    assert [one.body for one in read(written(tmp_path / "c.yaml", text))] == [b'{"status": "pending"}'] * 2


@pytest.mark.parametrize(
    ("encoding", "raw", "body"),
    [
        ("gzip", GZIP, b'{"a": 1}'), ("deflate", zlib.compress(b'{"a": 1}'), b'{"a": 1}'),
        ("deflate", zlib.compress(b'{"a": 1}', wbits=-15), b'{"a": 1}'), ("gzip", b'{"a": 1}', b'{"a": 1}'),
        ("of-our-own", b"\xff\xfe", None), ("gzip", b"\x1f\x8bbroken", None),
        ("gzip", GZIP[:-9], None), ("deflate", zlib.compress(b'{"a": 1}')[:-1], None),
        ("deflate", zlib.compress(b'{"a": 1}', wbits=-15)[:-1], None),
    ],
)  # fmt: skip
def test_encodings_of_a_cassette(encoding: str, raw: bytes, body: bytes | None, tmp_path: Path) -> None:
    """A body that was already decoded is kept. An answer whose body can't be decoded is left out."""
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{PLACE}", "body": None, "headers": {}}
    answer = {"status": {"code": 200}, "headers": {"Content-Encoding": [encoding]}, "body": {"string": raw}}
    text = yaml.safe_dump({"interactions": [{"request": request, "response": answer}], "version": 1})
    (one,) = read(written(tmp_path / "c.yaml", text))
    assert (one.body, one.unread) == (body or b"", "" if body else "body in an encoding that can't be decoded")


_ANCHORS = ", ".join(f"&a{number} x" for number in range(20_001))
_ONE = "{request: {method: GET, uri: 'http://a/b'}, response: {status: 200, headers: {a: [x]}, body: {string: '{}'}}}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("interactions: [" + "[" * 70 + "]" * 70 + "]", "nested deeper than 64 levels"),
        ("interactions: [[" + "x, " * 50_000 + "]]", "more than 50000 values"),
        (f"a: [{_ANCHORS}]\ninteractions: []", "more than 20000 values with anchors"),
        ("a: &a [" + "x, " * 20_001 + "]\ninteractions: []", "more than 20000 values with anchors"),
        (f"a: &a {'x' * 65_537}\ninteractions: []", "more than 65536 characters"),
        (f"a: &a {'x' * 60_000}\ninteractions: [{_ONE.replace('[x]', '[' + '*a, ' * 18 + ']')}]", "headers have more"),
        ("a: &a {}\ninteractions: [{<<: *a}]", "a merge key"),
        ("interactions: [!!int " + "1:" * 1_000 + "1]", "more than 100 digits"),
        ("--- x\n--- {interactions: []}", "it ends before a list of interactions"),
    ],
)
def test_limits_of_yaml(text: str, says: str, tmp_path: Path) -> None:
    """Depth, number of values, anchors and numbers are limited, and aliases can't make a header of gigabytes."""
    with pytest.raises(UsageError, match=says):
        read(written(tmp_path / "a.yaml", text))


def test_anchors_are_for_the_whole_file(tmp_path: Path) -> None:
    """Each interaction has its own budget, and may refer to a value of an earlier one."""
    one = _ONE.replace("[x]", "&a [x]")
    text = f"interactions: [{one}, {', '.join([_ONE.replace('[x]', '*a')] * 4_000)}]"
    found = read(written(tmp_path / "a.yaml", text))
    assert len(found) == 4_001
    assert {exchange.headers["a"] for exchange in found} == {"x"}
