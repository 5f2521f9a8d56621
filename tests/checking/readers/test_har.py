"""HAR files of browsers and of the plugin are read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.checking.readers.recordings import PLACE, entry, har, read, written
from tests.support import EPOCH, JOBS, STARTS, Mock

from jobmock.checking.check import Check
from jobmock.client_reports.traffic import Traffic


def test_har_of_a_mock(mock: Mock, tmp_path: Path) -> None:
    """The HAR file that the plugin writes for a failed test is read, with times, paths, queries and bodies."""
    traffic = Traffic(mock.service.namespaces)
    mock.service.watchers.append(traffic.watch)
    job = mock.start("clado")
    mock.poll("clado", job, query="page=1")
    path = traffic.write(tmp_path / "left.har", "http://mock")
    start, polled = read(path)
    assert (start.method, start.path, start.status) == ("POST", JOBS["clado"], 200)
    assert json.loads(start.sent) == STARTS["clado"]
    assert (polled.at, polled.query, polled.headers["content-type"]) == (EPOCH, "page=1", "application/json")
    assert json.loads(polled.body)["pagination"]["page"] == 1
    assert str(polled.source) == f"{path}#/log/entries/1"


@pytest.mark.parametrize(("length", "arrived"), [(251.5, EPOCH + 250_500_000), (0, EPOCH), (-1, EPOCH), (None, EPOCH)])
def test_times_of_an_entry(length: float | None, arrived: int, tmp_path: Path) -> None:
    """An answer came after its entry's duration, less the millisecond by which the next start may be rounded down."""
    (one,) = read(written(tmp_path / "a.har", har({**entry("{}"), "time": length})))
    assert (one.at, one.arrived) == (EPOCH, arrived)


def test_har_of_a_browser(tmp_path: Path) -> None:
    """A browser's HAR file may have bodies in base64, a byte order mark, and other members."""
    body = '{"status": "pending"}'
    coded = entry(base64.b64encode(body.encode()).decode(), encoding="base64")
    text = json.dumps({"x": [1, {"log": 2}], **json.loads(har(entry(body), coded))}, indent=4)
    one, two = read(written(tmp_path / "a.txt", b"\xef\xbb\xbf" + text.encode()))
    assert one.body == two.body == body.encode()
    assert (one.at, one.path, one.query, one.headers) == (EPOCH, PLACE, "page=1", {"x-one": "1"})


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        ({"size": 500, "mimeType": "application/json"}, "body not recorded"), (None, "body not recorded"),
        ({"text": "", "size": 500}, "body not recorded"), ({"size": 0}, ""), ({"text": ""}, ""), ({"text": "{}"}, ""),
    ],
)  # fmt: skip
def test_har_without_bodies(content: dict[str, Any] | None, unread: str, tmp_path: Path) -> None:
    """If a browser dropped a long body, its answer is left out; an empty body is judged."""
    row = entry("")
    row["response"]["content"] = content
    (one,) = read(written(tmp_path / "a.har", har(row)))
    check = Check()
    check.judge(one)
    left = {f"GET {JOBS['clado']}/{{job}}, {unread}": 1} if unread else {}
    assert (one.unread, dict(check.report().left_out)) == (unread, left)
