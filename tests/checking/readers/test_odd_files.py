"""Files that people really have: compressed, in other encodings, of other tools, with odd entries."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.checking.exchanges import clado, status
from tests.checking.readers.recordings import PLACE, entry, har, read, read_with_odd, written
from tests.support import EPOCH, JOBS

from jobmock.checking.check import Check
from jobmock.checking.exchange import to_line
from jobmock.checking.readers import compression
from jobmock.errors import UsageError

BODY = json.dumps(status("pending"))
GZIPPED = base64.b64encode(gzip.compress(BODY.encode(), mtime=0)).decode()
HAR = har(entry(BODY), entry(BODY))
URL = f"https://search.clado.ai{PLACE}?page=1"
HEADERS = {"Content-Type": ["application/json"]}
STATUS = {"code": 200, "message": "OK"}
REQUEST: dict[str, Any] = {"method": "GET", "uri": URL, "body": None, "headers": {}}


def zipped(**members: str) -> bytes:
    """Return a zip archive of texts by name; `_` stands for a full stop."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return file.getvalue()


def cassette(response: dict[str, Any], **more: Any) -> str:
    return yaml.safe_dump({"interactions": [{"request": REQUEST, "response": response, **more}]})


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("content", [HAR.encode(), cassette({"status": STATUS, "body": BODY}).encode(),
                                     to_line(clado(status("pending")))])  # fmt: skip
def test_compressed_file(compress: Any, content: bytes, tmp_path: Path) -> None:
    """A file that is compressed as a whole is read like the file itself."""
    plain, packed = written(tmp_path / "plain", content), written(tmp_path / "packed", compress(content))
    assert [one.body for one in read(packed)] == [one.body for one in read(plain)] != []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("content", [HAR, cassette({"status": STATUS, "body": BODY}),
                                     to_line(clado(status("pending"))).decode()])  # fmt: skip
def test_encoding_of_a_file(encoding: str, content: str, tmp_path: Path) -> None:
    """A file in another encoding of Unicode, as Windows writes it, is read like one in UTF-8."""
    plain, other = written(tmp_path / "plain", content), written(tmp_path / "other", content.encode(encoding))
    assert [one.body for one in read(other)] == [one.body for one in read(plain)] != []


def test_zip_of_playwright(tmp_path: Path) -> None:
    """Of an archive with a HAR file, this is read, with the bodies that it names; beside a HAR file too."""
    row = entry("", size=len(BODY), _file="a1.json")
    path = written(tmp_path / "traffic.har.zip", zipped(har_har=har(row), a1_json=BODY, b2_json="{}"))
    (one,) = read(path)
    assert (one.body, one.unread, str(one.source)) == (BODY.encode(), "", f"{path}/har.har#/log/entries/0")
    beside = written(tmp_path / "traffic.har", har(row, entry("", size=1, _file="none.json")))
    written(tmp_path / "a1.json", BODY)
    assert [(one.body, one.unread) for one in read(beside)] == [(BODY.encode(), ""), (b"", "body not recorded")]


def test_zip_of_several_recordings(tmp_path: Path) -> None:
    """Of an archive without a HAR file, every file is read; one that is no recording is left out."""
    rows = to_line(clado(status("pending"))).decode()
    found, odd = read_with_odd(written(tmp_path / "a.zip", zipped(a_jsonl=rows, b_txt="", c_jsonl=rows)))
    assert (len(found), odd) == (2, ["a.zip/b.txt: it is no recording"])


def _ruby(body: str) -> str:
    return (
        "---\nhttp_interactions:\n- request:\n    method: get\n    uri: " + URL + "\n    body:\n      string: ''\n"
        "  response:\n    status:\n      code: 200\n      message: OK\n    headers:\n      Content-Encoding:\n"
        "      - gzip\n    body:\n      encoding: ASCII-8BIT\n      string: " + body + "\n"
        "  recorded_at: Thu, 01 Jan 2026 00:00:00 GMT\nrecorded_with: VCR 6.1.0\n"
    )  # fmt: skip


_GO = """---
version: 2
interactions:
    - id: 0
      request:
        body: ""
        url: URL
        method: GET
      response:
        body: 'BODY'
        headers:
            Content-Type:
                - application/json
        status: 200 OK
        code: 200
        duration: 12ms
"""
_PHP = """
-
    request:
        method: GET
        url: 'URL'
        headers:
            Host: search.clado.ai
    response:
        status: {http_version: '1.1', code: '200', message: OK}
        headers:
            Content-Type: application/json
        body: 'BODY'
    index: 0
"""
_RUBY_1 = """---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: URL
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      content-type:
      - application/json
    body: 'BODY'
"""
_PYTHON_2 = """version: 1
interactions:
- request: !!python/object:vcr.request.Request
    method: GET
    uri: !!python/unicode 'URL'
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [Accept, '*/*']
  response:
    body: {string: !!python/unicode 'BODY'}
    headers: {content-type: [application/json]}
    status: {code: 200, message: OK}
"""
_NOCK = {"scope": "https://search.clado.ai:443", "method": "GET", "path": f"{PLACE}?page=1", "body": "", "status": 200}
_JSON = {"rawHeaders": ["Content-Type", "application/json"]}
FORMS: dict[str, str] = {
    "Ruby, binary": _ruby(f"!binary |-\n        {GZIPPED}"),
    "Ruby, YAML's binary": _ruby(f"!!binary |-\n        {GZIPPED}"),
    "Ruby 1.x": _RUBY_1, "Python 2": _PYTHON_2, "Go": _GO, "PHP": _PHP,
    "PHP in JSON": json.dumps([{"request": {"method": "GET", "url": URL}, "response": {
        "status": {"code": "200"}, "headers": {"Content-Type": "application/json"}, "body": BODY}}]),
    "httpx in old vcrpy": cassette({"status_code": 200, "headers": {"a": "b"}, "content": BODY}),
    "R": cassette({"status": {"status_code": 200, "reason": "OK"}, "body": {"string": BODY}},
                  recorded_at="2026-01-01 00:00:00 GMT"),
    "betamax": json.dumps({"http_interactions": [{"request": REQUEST, "recorded_at": "2026-01-01T00:00:00",
        "response": {"status": STATUS, "headers": HEADERS, "body": {"base64_string": GZIPPED, "string": ""}}}]}),
    "old betamax": json.dumps({"http_interactions": [{"request": REQUEST, "response": {
        "status_code": 200, "headers": HEADERS, "body": BODY}}]}),
    "nock": json.dumps([{**_NOCK, "response": json.loads(BODY), **_JSON}]),
    "nock, text": json.dumps([{**_NOCK, "response": BODY, **_JSON}]),
    "nock, compressed": json.dumps([{**_NOCK, "response": [base64.b64decode(GZIPPED).hex()],
                                     "rawHeaders": ["Content-Encoding", "gzip"]}]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_form_of_another_tool(name: str, tmp_path: Path) -> None:
    """Cassettes of other tools and of older releases are read, with tags of their languages, and nothing is run."""
    (one,) = read(written(tmp_path / "a", FORMS[name].replace("URL", URL).replace("BODY", BODY)))
    assert (one.method.upper(), one.path, one.query, one.status) == ("GET", PLACE, "page=1", 200)
    assert (json.loads(one.body), one.unread) == (json.loads(BODY), "")
    assert one.at in (0, EPOCH)


@pytest.mark.parametrize(("when", "at"), [
    ("2026-01-01T00:00:00", EPOCH), ("2026-01-01T01:00:00+01:00", EPOCH), ("2026-01-01 00:00:00 UTC", EPOCH),
    ("Thu, 01 Jan 2026 00:00:00 GMT", EPOCH), ("yesterday", 0), ("2026-13-45", 0), (None, 0), (3, 0), ([], 0),
])  # fmt: skip
@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump])
def test_times_of_a_cassette(when: Any, at: int, dump: Any, tmp_path: Path) -> None:
    """A time is read in the forms that recorders write, and unknown if it is in none of them."""
    response = {"status": STATUS, "body": BODY}
    text = dump({"interactions": [{"request": REQUEST, "response": response, "recorded_at": when}]})
    (one,) = read(written(tmp_path / "a", text))
    assert one.at == at


OTHER_TOOLS = {
    "tar archive": b"a".ljust(257, b"\0") + b"ustar\x0000", "SQLite": b"SQLite format 3\0",
    "mitmproxy": b"1925:9:websocket;0:~8:response;", "an answer with its headers": b"HTTP/1.1 200 OK\r\n\r\n{}",
    "HTML or XML": b"<!doctype html>", "Postman": b'{"info": {}, "item": []}', "WireMock": b'{"mappings": []}',
    "describes an API": b'{"openapi": "3.1.0"}', "Charles": b'[{"scheme": "https", "durations": {}}]',
    "Fiddler": zipped(**{"raw/1_txt": "x"}),
    "network packets": b"\xd4\xc3\xb2\xa1\x02\x00", "an archive": b"7z\xbc\xaf\x27\x1c",
    "damaged": zipped(a_har=HAR)[:-30], "one exchange of another tool": b'{"request": {}, "response": {}}',
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_TOOLS)
def test_file_of_another_tool_is_named(name: str, tmp_path: Path) -> None:
    """A file that can't be read gets a sentence that names its form, and no name of an exception."""
    path = written(tmp_path / "a", OTHER_TOOLS[name])
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path} ") and "Error" not in str(caught.value)
    assert {"damaged": "zip archive without its end"}.get(name, name) in str(caught.value)


def _with(**changes: Any) -> dict[str, Any]:
    row = entry(BODY)
    row["response"].update(changes)
    return row


_COMPRESSED = _with(headers=[{"name": "Content-Encoding", "value": "gzip"}],
                    content={"text": GZIPPED, "encoding": "base64", "size": len(BODY)})  # fmt: skip
_AS_BASE64 = {"encoding": "base64", "size": len(BODY)}


@pytest.mark.parametrize("row", [
    _COMPRESSED, _with(content={"text": GZIPPED, **_AS_BASE64}), _with(content={"text": BODY, **_AS_BASE64}),
    _with(content={"text": json.dumps([GZIPPED]), **_AS_BASE64}, headers=_COMPRESSED["response"]["headers"]),
    _with(headers=[{"name": "x"}, {"value": "y"}, 3, {"name": 3, "value": "z"}]), _with(headers={"A": "b"}),
    _with(headers=None), _with(status="200"), _with(status=200.0), {**entry(BODY), "startedDateTime": "now"},
    {**entry(BODY), "time": "long"}, {**entry(BODY), "startedDateTime": None},
    {**entry(BODY), "request": {"method": "GET", "url": URL, "postData": "abc"}},
])  # fmt: skip
def test_odd_part_of_an_entry(row: dict[str, Any], tmp_path: Path) -> None:
    """A body that is still compressed is decompressed, and an odd part that doesn't matter hides no answer."""
    (one,) = read(written(tmp_path / "a.har", har(row)))
    assert (one.status, json.loads(one.body), one.unread) == (200, json.loads(BODY), "")


@pytest.mark.parametrize(("row", "why"), [
    ({**entry(BODY), "response": None}, "not answered"), (_with(status=None), "not answered"),
    (_with(status=-999), "not answered"), (_with(status=-2), "not answered"), (_with(status=0), "not answered"),
    (_with(content={"size": 0}, bodySize=107), "body not recorded"), (_with(content=None), "body not recorded"),
    (_with(content={"size": 0}, bodySize=-1), "body not recorded"), (_with(content={"text": 3}), "body not recorded"),
    (_with(content={"text": ""}, headers=[{"name": "content-length", "value": "9"}]), "body not recorded"),
    (_with(content={"text": BODY[:-9], "size": len(BODY)}), "body not recorded completely"),
    (_with(content={"text": "eHh4", **_AS_BASE64}, headers=[]), "body not recorded completely"),
    (_with(content={"text": "====", **_AS_BASE64}), "body in an encoding that can't be decoded"),
    (_with(content={"text": base64.b64encode(b"\x1f\x8bxx\xff").decode(), **_AS_BASE64}),
     "body in an encoding that can't be decoded"),
    (_with(content={"text": BODY.replace("{", "\ufffd"), "size": 1}), "body damaged in the recording"),
])  # fmt: skip
def test_unknown_body_is_no_violation(row: dict[str, Any], why: str, tmp_path: Path) -> None:
    """An answer that never came, or whose body wasn't kept, is left out with the reason, and breaks nothing."""
    check = Check()
    for one in read(written(tmp_path / "a.har", har(row))):
        check.judge(one)
    report = check.report()
    assert (report.rows, dict(report.left_out)) == ([], {f"GET {JOBS['clado']}/{{job}}, {why}": 1})


@pytest.mark.parametrize("body", [None, {}, {"string": None}, {"string": 3}, [], {"base64_string": "==="}])
def test_unknown_body_of_a_cassette(body: Any, tmp_path: Path) -> None:
    """A cassette without a body, or with one that is no text, gives an answer whose body isn't known."""
    (one,) = read(written(tmp_path / "a.json", json.dumps({"interactions": [
        {"request": REQUEST, "response": {"status": STATUS, "headers": HEADERS, "body": body}}]})))  # fmt: skip
    assert one.unread


@pytest.mark.parametrize("row", [
    {}, 3, None, [], {"request": {}}, {"request": {"method": "GET", "url": 3}, "response": {}},
    {"request": {"method": "GET", "url": "https://[x"}, "response": {"status": 200}}, {**entry(BODY), "response": []},
    {**entry(BODY), "response": {"status": "ok"}}, {"request": {"url": URL}, "response": {"status": 200}},
])  # fmt: skip
def test_odd_entry_is_left_out(row: Any, tmp_path: Path) -> None:
    """An entry that can't be read is left out with its place, and the others are read."""
    found, odd = read_with_odd(written(tmp_path / "a.har", har(entry(BODY), row, entry(BODY))))
    judged = [one for one in found if one.status == 200]
    assert len(judged) == 2
    assert len(found) + len(odd) == 3
    assert all(one.startswith("a.har#/log/entries/1: ") and "Error" not in one for one in odd)


def test_without_a_library_for_zstandard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no library reads Zstandard, one sentence says what to install."""
    known = {magic: opened for magic, opened in compression._BY_MAGIC.items() if magic != b"\x28\xb5\x2f\xfd"}
    monkeypatch.setattr(compression, "_BY_MAGIC", known)
    with pytest.raises(UsageError, match=r"is compressed with Zstandard\. Install backports\.zstd, or decompress it"):
        read(written(tmp_path / "a", b"\x28\xb5\x2f\xfdxxxx"))


@pytest.mark.skipif(compression._zstd is None, reason="Only Python 3.14 and backports.zstd read Zstandard.")
def test_zstandard(tmp_path: Path) -> None:
    """A file that is compressed with Zstandard is read; one that ends too early, or is damaged, is an error."""
    packed = compression._zstd.compress(to_line(clado(status("pending"))) * 3)
    assert len(read(written(tmp_path / "a.zst", packed))) == 3
    for name, broken in (("cut", packed[:-8]), ("damaged", packed[:9] + b"\xff" * 20)):
        with pytest.raises(UsageError, match="can't be read: it"):
            read(written(tmp_path / name, broken))
