"""Scenario files are watched: a changed one is read again, a broken one keeps its last good version."""

from __future__ import annotations

import logging
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.support import EPOCH, HANGS, Mock, json_of

from jobmock.catalogue import Catalogue
from jobmock.catalogue.watch import report, watch_files
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service


class Heard(logging.Handler):
    """Keeps what is logged in a queue that can be waited on."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: queue.Queue[tuple[str, str]] = queue.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put((record.levelname, record.getMessage()))

    def wait_for(self, level: str) -> str:
        """Return the next message of a level."""
        end = time.monotonic() + HANGS
        while True:
            name, message = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            if name == level:
                return message


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The log records of the logger `jobmock`."""
    handler, logger = Heard(), logging.getLogger("jobmock")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


@contextmanager
def following(catalogue: Catalogue) -> Iterator[None]:
    """Watch the catalogue's files in a thread."""
    stop = Event()
    thread = Thread(target=watch_files, args=(catalogue, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(HANGS)
    assert not thread.is_alive()


def write(path: Path, summary: str, version: int = 1) -> None:
    path.write_text(f"version: {version}\napi: clado\nsummary: {summary}\nprogression:\n  - status: completed\n")


def publish(path: Path, summary: str) -> None:
    """Write a file as Kubernetes does in a volume: a link leads to a hidden folder, through a link that is replaced."""
    hidden = path.parent / f"..{time.monotonic_ns()}"
    hidden.mkdir()
    write(hidden / path.name, summary)
    (path.parent / "..data_tmp").symlink_to(hidden.name)
    (path.parent / "..data_tmp").replace(path.parent / "..data")
    if not path.is_symlink():
        path.symlink_to(Path("..data", path.name))


def change(path: Path, heard: Heard, summary: str, write: Callable[[Path, str], None] = write) -> str:
    """Write a file again and again until a record is logged, because nobody reports when the watcher has begun."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        write(path, summary)
        try:
            return heard.lines.get(timeout=0.5)[1]
        except queue.Empty:
            continue
    raise AssertionError(f"Nobody noticed that {path} changed within {HANGS:g} s.")


def test_changed_and_broken(tmp_path: Path, heard: Heard) -> None:
    """A changed file is read again; one that breaks keeps its last good version, and its problem is logged."""
    path = tmp_path / "own.yaml"
    write(path, "First.")
    catalogue = Catalogue([tmp_path])
    running = catalogue.plan("clado/own")
    with following(catalogue):
        assert change(path, heard, "Second.") == f"Read {path} again."
        assert catalogue.plan("clado/own").scenario.summary == "Second."
        assert running.scenario.summary == "First."
        write(path, "Third.", version=2)
        said = heard.wait_for("ERROR")
    assert said == f"{path}:1:10: error: 'version' is 2. Allowed: 1. (its last good version stays)"
    assert catalogue.plan("clado/own").scenario.summary == "Second."


def test_new_file(tmp_path: Path, heard: Heard) -> None:
    """An added file is read, too."""
    catalogue, path = Catalogue([tmp_path]), tmp_path / "new.yaml"
    with following(catalogue):
        change(path, heard, "New.")
    assert catalogue.plan("clado/new").scenario.summary == "New."


def test_relative_folder(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder may be named relative to the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    path = Path("mine") / "own.yaml"
    write(path, "First.")
    catalogue = Catalogue([Path("mine")])
    with following(catalogue):
        change(path, heard, "Second.")
    assert catalogue.plan("clado/own").scenario.summary == "Second."


@pytest.mark.skipif(sys.platform == "win32", reason="Links need a right on Windows.")
def test_volume_of_kubernetes(tmp_path: Path, heard: Heard) -> None:
    """A file that is a link into a hidden folder is one scenario, which is read again when the link leads elsewhere."""
    path = tmp_path / "own.yaml"
    publish(path, "First.")
    catalogue = Catalogue([tmp_path])
    assert [one.name for one in catalogue.entries() if one.source != "bundled"] == ["clado/own"]
    with following(catalogue):
        assert change(path, heard, "Second.", publish) == f"Read {path} again."
    assert catalogue.plan("clado/own").scenario.summary == "Second."
    assert not catalogue.problems


def test_ends_at_once(tmp_path: Path) -> None:
    """Watching ends at once when `stop` is set."""
    stop = Event()
    stop.set()
    watch_files(Catalogue([tmp_path]), stop)


def test_report(tmp_path: Path, heard: Heard) -> None:
    """A valid file is logged in one line, a broken one with a line for each problem."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    write(good, "Good.")
    bad.write_text("version: 2\napi: clado\nbogus: 1\nprogression: [{status: completed}]\n")
    catalogue = Catalogue([tmp_path])
    report(catalogue, good)
    report(catalogue, bad)
    lines = [heard.lines.get_nowait() for _ in range(3)]
    assert [level for level, _ in lines] == ["INFO", "ERROR", "ERROR"]
    assert lines[0][1] == f"Read {good} again."
    assert "'bogus'" in lines[2][1]
    assert heard.lines.empty()
    assert not any("stays" in line for _, line in lines), "No version of bad.yaml was ever good."


def test_report_of_a_file_that_was_good_before(tmp_path: Path, heard: Heard) -> None:
    """The log says for each problem that the last good version stays, if there is one."""
    path = tmp_path / "own.yaml"
    write(path, "Good.")
    catalogue = Catalogue([tmp_path])
    path.write_text("version: 2\napi: clado\nbogus: 1\nprogression: [{status: completed}]\n")
    catalogue.reload([path])
    report(catalogue, path)
    lines = [heard.lines.get_nowait() for _ in range(2)]
    assert all(line.endswith(" (its last good version stays)") for _, line in lines)


@pytest.mark.parametrize("way", ["key", "namespace", "server"])
def test_edited_file_reaches_what_is_open_already(tmp_path: Path, way: str) -> None:
    """A new version of a scenario is played by new jobs only, whether key, namespace or server chose it."""
    path, key = tmp_path / "own.yaml", "lk_open--own" if way == "key" else "lk_open"
    write(path, "First.")
    catalogue = Catalogue([tmp_path])
    plans = {"clado": catalogue.plan("clado/own")} if way == "server" else {}
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), plans=plans))
    if way == "namespace":
        mock.namespace("clado", key).use(catalogue.plan("clado/own"))
    running = mock.start("clado", key)
    path.write_text(path.read_text().replace("completed", "error").replace("First.", "Second."))
    catalogue.reload([path])
    new = mock.start("clado", key)
    assert json_of(mock.poll("clado", running, key))["status"] == "completed"
    assert json_of(mock.poll("clado", new, key))["status"] == "error"
    jobs = mock.namespace("clado", key).jobs
    assert [jobs[job].plan.scenario.summary for job in (running, new)] == ["First.", "Second."]
