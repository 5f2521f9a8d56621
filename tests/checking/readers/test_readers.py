"""Recorded traffic is read as a stream, in every form, which its content decides; errors say what is wrong."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.checking.exchanges import clado, person, status
from tests.checking.readers.recordings import PLACE, entry, har, read, written
from tests.support import JOBS, call

from jobmock.checking.check import Check
from jobmock.checking.distribution.checked_file import Settings, check_file
from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.checking.json_bodies import parse_body
from jobmock.checking.readers import BrokenOff, open_recording, recorded_file
from jobmock.checking.readers.named_files import RemoteFile, matching
from jobmock.errors import UsageError


def test_lone_surrogate_is_read(tmp_path: Path) -> None:
    """A lone surrogate in a body can be read in every kind of recording."""
    half = r'{"job_id": "j", "status": "pending", "message": "\ud83d"}'
    line = to_line(clado(status("pending"))).replace(b"A text.", rb"\ud83d")
    read_once = [
        *read(written(tmp_path / "a.jsonl", line)), *read(written(tmp_path / "a.har", har(entry(half)))),
        *read(written(tmp_path / "b.har", har(entry(half.replace(r"\ud83d", "\ud83d"))))),
    ]  # fmt: skip
    assert [parse_body(one.body)["message"] for one in read_once] == ["\ufffd"] * 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ('{"job_id": "j"}', "holds JSON that is no recording"),
        ("[1]", "holds JSON that is no recording"),
        ('{"log": {"entries": [{"request": {}}]}}', "#/log/entries/0 is broken: it has no url"),
        ('{"log": {"entries": [{}]}}', "#/log/entries/0 is broken: it has no request"),
        ('{"log": {"entries": [', "the file ends in the middle of it after 21 characters"),
        (har({**entry("{}"), "response": {"status": "ok"}}), "its status is no number"),
        ('{"at": 1, "method": "GET", "path": "/", "status": true}', ":1 is broken: its status isn't what it should be"),
        (har({**entry("{}"), "response": {"status": True}}), "its status is no number"),
        ('{"log": 3}', "it is no JSON after 8 characters"),
        ('{"at": 1, "method": "GET"}', ":1 is broken: it has no 'path'"),
        ("a: 1\nb: 2\n", "is broken: it has none of interactions, http_interactions"),
        ("just text", "is broken: it ends before a list of interactions"),
        ("interactions:\n- request: {}\n", "#/interactions/0 is broken: it has no response"),
        ("interactions: {}\n", "is broken: its interactions are no list"),
        ("interactions:\n- 3\n", "it is no object"),
        ("interactions: [!!python/object:os.system {}]", "it has no request"),
        ("a: [", "is broken: it is no YAML from line 2 on"),
        (b"\xff\xfe", "is broken: it ends before a list of interactions"),
        ("{}".encode("utf-16"), "holds JSON that is no recording"),
        (b"\xff\xff" + bytes(2_000), "has a zero byte after 2 characters"),
        (b"\x1f\x8bxxxxxxxxxxxxxxx", "can't be read: its compressed data are damaged"),
        (gzip.compress(b"x" * 9_000, mtime=0)[:20], "can't be read: it ends too early"),
    ],
)
def test_broken_file_is_a_usage_error(text: str | bytes, message: str, tmp_path: Path) -> None:
    """A file of an unknown form, or without anything that can be read, is a usage error: it names the file, the fault
    and what is allowed, and no exception."""
    path = written(tmp_path / "file", text)
    with pytest.raises(UsageError, match=r"file.*(Allowed|Expected): |can't be read: ") as caught:
        read(path)
    assert message in str(caught.value)
    assert "Error" not in str(caught.value)


def test_file_that_does_not_exist(tmp_path: Path) -> None:
    """A file that can't be opened is a usage error with the system's reason."""
    with pytest.raises(UsageError, match=r"none\.har can't be read: No such file"):
        open_recording(tmp_path / "none.har")


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
    """A body that is nested too deeply is left out with its reason, and later answers are judged."""
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


def test_refused_file_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is closed if nothing in it can be read, and if its exchanges aren't read to the end."""
    opened: list[Any] = []
    way = Path.open

    def noted(path: Path, *args: Any, **more: Any) -> Any:
        opened.append(way(path, *args, **more))
        return opened[-1]

    row = to_line(clado(status("pending")))
    broken = written(tmp_path / "a.jsonl", to_line(replace(clado(status("pending")), status=True)))
    good = written(tmp_path / "b.jsonl", row + row)
    monkeypatch.setattr(Path, "open", noted)
    with pytest.raises(UsageError, match="its status isn't what it should be"):
        list(open_recording(broken).exchanges)
    exchanges = open_recording(good).exchanges
    next(exchanges)
    exchanges.close()  # type: ignore[attr-defined]
    assert opened and all(file.closed for file in opened)


def test_pipe_is_refused() -> None:
    """A pipe is refused, because a recording is read twice."""
    end, other = os.pipe()
    os.write(other, to_line(clado(status("pending"))))
    os.close(other)
    try:
        with pytest.raises(UsageError, match=r"is no regular file.*Save it to a file first\.$"):
            open_recording(Path(f"/dev/fd/{end}"))
    finally:
        os.close(end)


@pytest.mark.parametrize("after", [0, 1_000_000])
def test_system_gives_no_more_of_a_file(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system stops giving a file, that is an error after what was read, and no odd entry of a whole file."""
    path = written(tmp_path / "a.jsonl", to_line(clado(status("pending"))) * 10_000)

    class Disk(io.FileIO):
        """A disk that breaks after some bytes."""

        def readinto(self, buffer: Any) -> int:
            if self.tell() >= after:
                raise OSError(errno.EIO, "Input/output error")
            return super().readinto(memoryview(buffer)[:4096])

    monkeypatch.setattr(recorded_file, "opened", lambda place, **how: io.BufferedReader(Disk(place)))
    read_before: list[LiveExchange] = []
    with pytest.raises(BrokenOff, match="Input/output error"):
        read_before += open_recording(path, leave_out=lambda source, reason: pytest.fail(reason)).exchanges
    found = check_file(Settings(), path)
    assert found and found.broken_off and found.number * 500 >= after


def test_pattern_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern that no shell has replaced names the files that match; a file with such a name is that file."""
    for name in ("a.jsonl", "b.jsonl", "[c].jsonl"):
        written(tmp_path / name, to_line(clado(status("pending"))))
    assert "2 answers judged" in call(capsys, "check", tmp_path / "[ab].jsonl").out
    assert "1 answer judged" in call(capsys, "check", tmp_path / "[c].jsonl").out
    nothing = call(capsys, "check", tmp_path / "*.har")
    assert (nothing.code, nothing.err) == (2, f"jobmock: No file matches {tmp_path}/*.har.\n")


@pytest.mark.parametrize("address", ["http://[::1]:8/a.jsonl", "https://host/a.jsonl?key=*", "s3://b/a.jsonl?versionId=1"])
def test_address_that_is_no_pattern(address: str) -> None:
    """Brackets around a host, and marks in a query, make no pattern of an address."""
    assert matching(RemoteFile(address)) == [RemoteFile(address)]
