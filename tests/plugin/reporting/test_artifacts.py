"""The artifacts of a failed test: HAR, HTML and YAML files."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support import JOBS, call
from tests.timelines.pages import checked

from jobmock.client_reports.traffic import Traffic
from pytest_jobmock.mocks.mock import Mock
from pytest_jobmock.options import Options
from pytest_jobmock.reporting.failure import write_mocks

from ..conftest import Project

SAMPLE = """
    import os, pytest
    from polling import client, polled

    @pytest.mark.parametrize("odd", ["a/b c", "a b/c", "../../etc", "é" * 60, "x" * 300, "", "NUL:*?<>|"])
    def test_odd(clado_mock, odd):
        clado_mock.play("at-once")
        assert False

    def test_green(clado_mock):
        polled(clado_mock, "two-pages")

    def test_red(clado_mock, orbit_mock, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        polled(clado_mock, "rate-limited-once")
        polled(orbit_mock, "slow")
        with client(clado_mock) as http:
            http.get("/api/credits?api_key=lk_jobmock", headers={"Cookie": "session=secret"})
        assert False
"""


@pytest.fixture
def left(project: Project, tmp_path: Path) -> list[Path]:
    """The files that the sample writes."""
    project.write("test_sample.py", SAMPLE)
    ran = project.run("--jobmock-artifacts=left/here", "--jobmock-start=2026-01-01")
    ran.assert_outcomes(passed=1, failed=8)
    files = sorted((project.path / "left" / "here").iterdir())
    listed = [Path(line) for line in ran.outlines if line.endswith((".har", ".html", ".yaml"))]
    assert sorted(listed) == files
    return files


def test_each_failed_test_writes_its_own_files(left: list[Path]) -> None:
    """Each failed test writes its own files, with names that every file system accepts; a passed test writes none."""
    names = [path.name for path in left]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{10,255}", name) and not name.startswith(".") for name in names)
    assert sum(name.endswith(".har") for name in names) == 7 + 2
    assert sum(name.endswith(".yaml") for name in names) == 7 + 2
    assert sum(name.endswith(".html") for name in names) == 2  # the others sent nothing
    assert not [name for name in names if "green" in name]
    red = [name for name in names if "test_red" in name]
    assert [re.sub(r"-[0-9a-f]{6}-", "-", name) for name in red] == [
        "test_sample.py-test_red-clado-clado-rate-limited-once.yaml", "test_sample.py-test_red-clado.har",
        "test_sample.py-test_red-clado.html",
        "test_sample.py-test_red-orbit-orbit-slow.yaml", "test_sample.py-test_red-orbit.har",
        "test_sample.py-test_red-orbit.html",
    ]  # fmt: skip


def test_scenarios_pass_lint(left: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Each YAML file is a valid scenario: `jobmock lint` accepts it."""
    yaml = [path for path in left if path.suffix == ".yaml"]
    assert call(capsys, "lint", *yaml).code == 0


def test_picture_of_a_failed_test(left: list[Path]) -> None:
    """The page has the lanes, the requests and the findings of the test, and no key."""
    [path] = [path for path in left if "test_red" in path.name and path.name.endswith("clado.html")]
    page = checked(path.read_text("utf-8"))
    assert "clado/rate-limited-once" in page.text and "/api/credits" in page.text
    assert {"figure", "table"} <= set(page.tags)
    assert "lk_jobmock" not in path.read_text("utf-8")


HAR_ENTRY = {"startedDateTime", "time", "request", "response", "cache", "timings"}
HAR_REQUEST = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
HAR_RESPONSE = {
    "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize",
}  # fmt: skip


def check_har(path: Path) -> list[dict[str, Any]]:
    """Check that a file is valid HAR 1.2, and return its entries."""
    log = json.loads(path.read_text(encoding="utf-8"))["log"]
    assert log["version"] == "1.2"
    assert {"name", "version"} <= log["creator"].keys()
    for entry in log["entries"]:
        assert entry.keys() >= HAR_ENTRY
        assert entry["request"].keys() >= HAR_REQUEST
        assert entry["response"].keys() >= HAR_RESPONSE
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo
        assert entry["time"] == sum(value for value in entry["timings"].values() if value > 0) >= 0
        assert {"send", "wait", "receive"} <= entry["timings"].keys()
        assert {"size", "mimeType"} <= entry["response"]["content"].keys()
        for record in (*entry["request"]["headers"], *entry["response"]["headers"], *entry["request"]["queryString"]):
            assert isinstance(record["name"], str) and isinstance(record["value"], str)
        if posted := entry["request"].get("postData"):
            assert {"mimeType", "text"} <= posted.keys()
    return list(log["entries"])


def test_traffic_is_har_without_keys(left: list[Path]) -> None:
    """Each HAR file is valid, has every exchange at its virtual time, and contains no key and no cookie."""
    [path] = [path for path in left if "test_red" in path.name and path.name.endswith("clado.har")]
    entries = check_har(path)
    codes = [entry["response"]["status"] for entry in entries]
    assert codes[0] == 200 and 429 in codes and len(codes) > 4
    assert entries[0]["startedDateTime"].startswith("2026-01-01T00:00:00")
    assert json.loads(entries[0]["response"]["content"]["text"])["status"] == "pending"
    text = path.read_text()
    assert "Authorization" in text or "authorization" in text
    assert "lk_jobmock" not in text
    assert "secret" not in text
    for other in left:
        if other.suffix == ".har":
            check_har(other)


@pytest.mark.jobmock(etiquette="off")
def test_every_kind_of_body_can_be_written(clado_mock: Mock, tmp_path: Path) -> None:
    """Posted, binary and empty bodies, unknown statuses and faults are written as valid HAR too."""
    traffic = Traffic(clado_mock.service.namespaces)  # type: ignore[attr-defined]
    clado_mock.service.watchers.append(traffic.watch)  # type: ignore[attr-defined]
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    faults = [
        {"when": {"request": 1}, "corrupt": "empty_body"},
        {"when": {"request": 2}, "respond": {"status": 599}},
        {"when": {"request": 3}, "disconnect": "reset", "delay": "2s"},
    ]
    steps = [{"status": "completed"}]
    job = clado_mock.play({"version": 1, "api": "clado", "progression": steps, "faults": faults})
    with httpx.Client(transport=clado_mock.transport, base_url="http://m", headers=headers) as http:
        http.post(JOBS["clado"], content=b"\xff\x00{")
        http.get(f"{JOBS['clado']}/{job.id}?page=1&empty=&api_key=lk_x")
        http.get(f"{JOBS['clado']}/{job.id}")
        with pytest.raises(httpx.TransportError):
            http.get(f"{JOBS['clado']}/{job.id}")
    entries = check_har(traffic.write(tmp_path / "all.har", "http://m"))
    assert [entry["response"]["status"] for entry in entries] == [422, 200, 599, 200]
    assert entries[0]["request"]["postData"]["text"]
    assert {"name": "page", "value": "1"} in entries[1]["request"]["queryString"]
    assert entries[3]["time"] == 2_000
    assert entries[3]["comment"] == "broken on the wire: disconnect reset"
    assert "lk_x" not in (tmp_path / "all.har").read_text()


@pytest.mark.jobmock(etiquette="off")
def test_traffic_is_bounded(clado_mock: Mock, tmp_path: Path) -> None:
    """The newest 2,000 exchanges are kept, and the file says how many are missing."""
    traffic = Traffic(clado_mock.service.namespaces)  # type: ignore[attr-defined]
    clado_mock.service.watchers.append(traffic.watch)  # type: ignore[attr-defined]
    with httpx.Client(transport=clado_mock.transport, base_url="http://m") as http:
        for number in range(2_003):
            http.get(f"/{number}")
    path = traffic.write(tmp_path / "long.har", "http://m")
    entries = check_har(path)
    assert len(entries) == 2_000
    assert entries[0]["request"]["url"] == "http://m/3"
    assert "The first 3 requests were dropped." in path.read_text()


def test_folder_that_cannot_be_made_hides_no_failure(project: Project) -> None:
    """If the artifacts can't be written, the report says why, and still has the test's own failure."""
    project.write("in-the-way", "")
    project.write("test_sample.py", "def test_red(clado_mock):\n    assert False, 'what really failed'\n")
    ran = project.run("--jobmock-artifacts=in-the-way")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*what really failed*", "*FileExistsError*in-the-way*"])


def test_without_the_option_nothing_is_recorded(clado_mock: Mock, tmp_path: Path) -> None:
    """Without a folder for it, no traffic is recorded or written."""
    assert Options().artifacts is None
    assert list(write_mocks(tmp_path / "left", "test_x.py::test_it", [clado_mock])) == []
