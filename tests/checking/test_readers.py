"""Recorded traffic is read whatever its form, told by its content, as a stream, and what is broken says so."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr  # type: ignore[import-untyped]
import yaml
from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock import apis
from jobmock.checking.check import Check
from jobmock.checking.exchange import NOWHERE, LiveExchange, to_line
from jobmock.checking.json_bodies import parse_body
from jobmock.checking.operations import operation_named
from jobmock.checking.readers import open_recording
from jobmock.checking.readers.json_stream import JsonStream
from jobmock.errors import UsageError
from pytest_jobmock.mocks.traffic import Traffic

from .exchanges import clado, exchange, person, run, status

PLACE = f"{JOBS['clado']}/j"
GZIP = gzip.compress(b'{"a": 1}', mtime=0)


def read(path: Path, **more: Any) -> list[LiveExchange]:
    return list(open_recording(path, **more).exchanges)


def seen(one: LiveExchange) -> tuple[str, str, str, int, Any]:
    return one.method, one.path, one.query, one.status, json.loads(one.body)


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def har(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": list(entries)}})


def entry(body: str, **content: Any) -> dict[str, Any]:
    url = f"https://search.clado.ai{PLACE}?page=1"
    response = {"status": 200, "headers": [{"name": "X-One", "value": "1"}], "content": {"text": body, **content}}
    return {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": url}, "response": response}


def test_har_of_a_mock(mock: Mock, tmp_path: Path) -> None:
    """What the plugin writes for a failed test can be checked: each entry with its time, path, query and body."""
    traffic = Traffic()
    mock.service.watchers.append(traffic.watch)
    job = mock.start("clado")
    mock.poll("clado", job, query="page=1")
    path = traffic.write(tmp_path / "left.har", "http://mock")
    start, polled = read(path)
    assert (start.method, start.path, start.status) == ("POST", JOBS["clado"], 200)
    assert json.loads(start.sent) == {"query": "chemists"}
    assert (polled.at, polled.query, polled.headers["content-type"]) == (EPOCH, "page=1", "application/json")
    assert json.loads(polled.body)["pagination"]["page"] == 1
    assert str(polled.source) == f"{path}#/log/entries/1"


@pytest.mark.parametrize(("length", "arrived"), [(251.5, EPOCH + 250_500_000), (0, EPOCH), (-1, EPOCH), (None, EPOCH)])
def test_time_of_an_entry(length: float | None, arrived: int, tmp_path: Path) -> None:
    """An answer had come when its entry's time was over, less the millisecond that the next start may lack."""
    (one,) = read(written(tmp_path / "a.har", har({**entry("{}"), "time": length})))
    assert (one.at, one.arrived) == (EPOCH, arrived)


def test_har_of_a_browser(tmp_path: Path) -> None:
    """Bodies may be in base64, and a byte order mark, other members and blanks don't matter."""
    body = '{"status": "pending"}'
    coded = entry(base64.b64encode(body.encode()).decode(), encoding="base64")
    text = json.dumps({"x": [1, {"log": 2}], **json.loads(har(entry(body), coded))}, indent=4)
    one, two = read(written(tmp_path / "a.txt", b"\xef\xbb\xbf" + text.encode()))
    assert one.body == two.body == body.encode()
    assert (one.at, one.path, one.query, one.headers) == (EPOCH, PLACE, "page=1", {"x-one": "1"})


@pytest.mark.parametrize("serializer", ["yaml", "json"])
@pytest.mark.parametrize("compressed", [False, True])
def test_cassette_of_python(serializer: str, compressed: bool, server: str, tmp_path: Path) -> None:
    """A cassette that vcrpy records while requests polls is read, in both of its forms."""
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
    """A body that was recorded as it came, with gzip, is read as what it held; anchors hold from row to row."""
    raw = gzip.compress(b'{"status": "pending"}')
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{PLACE}", "body": None, "headers": {}}
    headers = {"Content-Encoding": ["gzip"]}
    row = {"request": request, "response": {"status": {"code": 200}, "headers": headers, "body": {"string": raw}}}
    text = yaml.safe_dump({"interactions": [row, row], "version": 1})
    assert "*id" in text
    assert [one.body for one in read(written(tmp_path / "c.yaml", text))] == [b'{"status": "pending"}'] * 2


def test_what_a_killed_writer_left_of_its_last_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The beginning of a last line that has no end is passed over, and said so; what is whole is read."""
    row = to_line(clado({**status("pending"), "message": "Ä"}))
    assert "Ä".encode() in row
    for end in range(len(row)):
        found = read(written(tmp_path / "a.jsonl", row + row[:end]))
        whole = end == len(row) - 1
        assert (len(found), len(caplog.messages)) == (1 + whole, end > 0 and not whole)
        assert all(text.startswith(f"{tmp_path / 'a.jsonl'}:2 is the beginning") for text in caplog.messages)
        caplog.clear()


@pytest.mark.parametrize("left", ["{}", "{\n", "x", "[1"])
def test_a_last_line_of_something_else_is_an_error(left: str, tmp_path: Path) -> None:
    """Only what could be the beginning of an exchange, and has no end, is passed over."""
    path = written(tmp_path / "a.jsonl", to_line(clado(status("pending"))) + left.encode())
    with pytest.raises(UsageError, match=r"a\.jsonl:2 is no exchange"):
        read(path)


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
    """What was decoded already stays as it is; a body whose encoding can't be undone is left out, not called bad."""
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{PLACE}", "body": None, "headers": {}}
    answer = {"status": {"code": 200}, "headers": {"Content-Encoding": [encoding]}, "body": {"string": raw}}
    text = yaml.safe_dump({"interactions": [{"request": request, "response": answer}], "version": 1})
    (one,) = read(written(tmp_path / "c.yaml", text))
    assert (one.body, one.unread) == (body or b"", "" if body else "body in an encoding that can't be undone")


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        ({"size": 500, "mimeType": "application/json"}, "body not recorded"), (None, "body not recorded"),
        ({"text": "", "size": 500}, "body not recorded"), ({"size": 0}, ""), ({"text": ""}, ""), ({"text": "{}"}, ""),
    ],
)  # fmt: skip
def test_har_without_bodies(content: dict[str, Any] | None, unread: str, tmp_path: Path) -> None:
    """A browser drops long bodies and keeps their size: such an answer is left out, and an empty one judged."""
    row = entry("")
    row["response"]["content"] = content
    (one,) = read(written(tmp_path / "a.har", har(row)))
    check = Check()
    check.judge(one)
    left = {f"GET {JOBS['clado']}/{{job}}, {unread}": 1} if unread else {}
    assert (one.unread, dict(check.report().left_out)) == (unread, left)


def test_half_of_a_surrogate_pair_is_read(tmp_path: Path) -> None:
    """An escape that is half of a sign spoils neither its body nor the file, whatever the form."""
    half = r'{"job_id": "j", "status": "pending", "message": "\ud83d"}'
    line = to_line(clado(status("pending"))).replace(b"A text.", rb"\ud83d")
    read_once = [
        *read(written(tmp_path / "a.jsonl", line)), *read(written(tmp_path / "a.har", har(entry(half)))),
        *read(written(tmp_path / "b.har", har(entry(half.replace(r"\ud83d", "\ud83d"))))),
    ]  # fmt: skip
    assert [parse_body(one.body)["message"] for one in read_once] == ["\ufffd"] * 3


def test_lines(tmp_path: Path) -> None:
    """JSON Lines of exchanges are read as they were written; blank lines and a mark before them don't matter."""
    rows = [clado(status("pending"), number=number, source=NOWHERE) for number in range(3)]
    path = written(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + b"\n".join(map(to_line, rows)))
    assert [str(one.source) for one in read(path)] == [f"{path}:{number}" for number in (1, 3, 5)]
    assert [one.at for one in read(path)] == [one.at for one in rows]


def test_bodies(tmp_path: Path) -> None:
    """Plain bodies, one in a file or several, are answers of the named operation, and none follows another."""
    status_of = operation_named(apis.load("orbit"), "status")
    bodies = [run("completed", {"id": "p"}), run("running")]
    path = written(tmp_path / "a.json", "\n".join(json.dumps(body, indent=2) for body in bodies))
    recorded = open_recording(path, status_of)
    assert recorded.alone
    check = Check("orbit")
    for one in recorded.exchanges:
        assert check.judge(one, alone=True) == []
    assert check.report().judged == {"orbit status": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "It is empty"),
        ('{"job_id": "j"}', "holds JSON that is no recording"),
        ("[1]", "holds JSON that is no recording"),
        ('{"log": {"entries": [{"request": {}}]}}', "KeyError: 'response'"),
        ('{"log": {"entries": [', "no JSON, after 21 characters"),
        (har({**entry("{}"), "response": {"status": "200"}}), "status is of type str"),
        (har({**entry("{}"), "response": {"status": 200, "headers": [{"name": "A", "value": 3}]}}), "a header is of"),
        ('{"at": 1, "method": "GET", "path": "/", "status": true}', "status is of type bool in"),
        (har({**entry("{}"), "response": {"status": True}}), "status is of type bool in"),
        ('{"log": 3}', "no JSON"),
        ('{"at": 1, "method": "GET"}', "is no exchange in JSON"),
        ("a: 1\nb: 2\n", "It has none of interactions, http_interactions"),
        ("just text", "It ends before a list of interactions"),
        ("interactions:\n- request: {}\n", "KeyError: 'response'"),
        ("interactions: {}\n", "ValueError: Its interactions are no list"),
        ("interactions:\n- 3\n", "a value in it hasn't the form that it should have"),
        ("interactions: [!!python/object:os.system {}]", "it is no YAML from line 1 on"),
        ("a: [", "it is no YAML from line 2 on"),
        (b"\xff\xfe\x00", "UnicodeDecodeError"),
    ],
)
def test_what_can_not_be_read_says_so(text: str | bytes, told: str, tmp_path: Path) -> None:
    """A file of no known form, or broken in the middle, is a usage error that names it and what is allowed."""
    path = written(tmp_path / "file", text)
    with pytest.raises(UsageError, match=r"file.*(Allowed|Expected): ") as caught:
        read(path)
    assert told in str(caught.value)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that can't be opened is a usage error with the system's reason."""
    with pytest.raises(UsageError, match=r"none\.har can't be read: No such file"):
        open_recording(tmp_path / "none.har")


def test_unknown_operation_says_which_there_are() -> None:
    """An operation's name is checked, and the nearest one told."""
    with pytest.raises(UsageError, match=r"no operation 'stauts'. Allowed: start, status, .* Did you mean 'status'\?"):
        operation_named(apis.load("clado"), "stauts")


class Pieces:
    """A text that is handed out in small pieces."""

    def __init__(self, text: str, size: int) -> None:
        self._text, self._size, self._at = text, size, 0

    def read(self, size: int) -> str:
        self._at += self._size
        return self._text[self._at - self._size : self._at]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_stream_reads_what_a_parser_reads(size: int) -> None:
    """Wherever the pieces of a text end, in a number, an escape, a word, the items are those of the whole."""
    items = [1, -12.5e3, "a\\\"b\n\u00e4\U0001f600", True, None, [], {}, {"a": [1, {"b": "]"}]}, 12345678901234567890]
    for text in (json.dumps(items), json.dumps(items, indent=1, ensure_ascii=False)):
        assert list(JsonStream(Pieces(text, size)).items()) == items  # type: ignore[arg-type]


def _har(path: Path, count: int) -> Path:
    text = json.dumps(entry(json.dumps(status("completed", results=[person(number) for number in range(25)]))))
    with path.open("w") as file:
        file.write('{"log": {"entries": [' + ", ".join([text] * count) + "]}}")
    return path


def _cassette(path: Path, count: int) -> Path:
    request: dict[str, Any] = {"method": "GET", "uri": f"https://x{PLACE}", "body": None, "headers": {}}
    row = {"request": request, "response": {"status": {"code": 200}, "headers": {}, "body": {"string": "x" * 4000}}}
    with path.open("w") as file:
        file.write("interactions:\n" + "".join(yaml.safe_dump([json.loads(json.dumps(row))]) for _ in range(count)))
    return path


@pytest.mark.parametrize(("write", "entries"), [(_har, 300), (_cassette, 50)])
def test_memory_does_not_grow_with_the_file(write: Any, entries: int, tmp_path: Path) -> None:
    """A HAR file or a cassette of many entries takes no more memory than one of few."""

    def peak(path: Path) -> int:
        tracemalloc.start()
        try:
            for _ in open_recording(path).exchanges:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = (peak(write(tmp_path / f"{count}", count)) for count in (entries, 5 * entries))
    assert many < 1.5 * few


@pytest.mark.parametrize("levels", [300, 900, 5000])
@pytest.mark.parametrize("member", ["results", "new"])
def test_body_that_is_nested_too_deeply_is_left_out(member: str, levels: int, tmp_path: Path) -> None:
    """What no validator gets to the bottom of is not judged, and said so; what comes after it is."""
    deep = json.dumps(status("completed", **{member: "HERE"})).replace('"HERE"', "[" * levels + "]" * levels)
    found = read(written(tmp_path / "a.har", har(entry(deep), entry(json.dumps(status("pending"))))))
    if levels < 1000:  # the most that a line as a whole may have
        line = to_line(clado(status("pending"))).replace(b'"A text."', b"[" * levels + b"]" * levels)
        found += read(written(tmp_path / "a.jsonl", line))
    check = Check()
    for one in found:
        check.judge(one)
    left = {f"GET {JOBS['clado']}/{{job}}, body nested too deeply": len(found) - 1}
    assert (dict(check.report().left_out), sum(check.report().judged.values())) == (left, 1)


def test_requests_of_others_are_left_out_by_name() -> None:
    """What is no request of the API's is counted by method and where its path begins: the rest may name somebody."""
    check = Check("orbit")
    foreign = [exchange(path, {}) for path in ("/people/jane.doe@example.org/lk_secret12345", "/jane@example.org", "/")]
    with_a_key = exchange("/sk_orb_secret12345", {}, method="Jane Doe")
    for one in (clado(status("pending")), *foreign, with_a_key, clado({}, method="PUT")):
        check.judge(one)
    report = check.report()
    assert (report.rows, report.judged) == ([], {})
    assert dict(report.left_out) == {
        "GET /api/…": 1, "GET /people/…": 1, "GET /*": 1, "GET /": 1, "* /*": 1, "PUT /api/…": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("code", "why"), [(0, "not answered"), (304, "not modified")])
def test_answers_that_say_nothing_are_left_out(code: int, why: str) -> None:
    """A browser writes status 0 where no answer came, and 304 where it had it already: that is none to judge."""
    check = Check()
    check.judge(clado(b"", status=code))
    report = check.report()
    assert (dict(report.left_out), report.rows) == ({f"GET /api/search/deep_research/{{job}}, {why}": 1}, [])


