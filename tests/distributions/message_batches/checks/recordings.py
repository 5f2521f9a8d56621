"""Recordings of batches: lines, also where there are none, and a batch that is wound down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.distributions.message_batches.checks.clients import BATCHES, EXPORTS, START

from jobmock import Catalogue, Service, apis
from jobmock.clock import EPOCH, SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.models import Request
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.raw_exchange import from_reply
from jobmock.recording.recorder import Recorder


class Recorded:
    """A mock whose traffic is recorded."""

    def __init__(self, folder: Path, scenario: str, api: str = "message_batches") -> None:
        self.clock, self.warned = Clock("manual", start=EPOCH), list[str]()
        self._service = Service(Catalogue(), Namespaces(clock=lambda: self.clock))
        self._headers = ((b"authorization", f"Bearer mb-me--{scenario}".encode()),)
        self._folder, self._lines = folder, folder / "lines.jsonl"
        warn = self.warned.append
        self._recorder = Recorder(
            apis.load(api), ScenarioFolder(folder, warn), warn, lines=LinesFile(self._lines, warn)
        )  # fmt: skip

    def send(self, method: str, path: str, body: bytes = b"", query: bytes = b"") -> Any:
        """Send a request a second after the last one, and record it."""
        self.clock.advance(SECOND)
        request = Request(method, path.encode(), query, self._headers, body)
        reply = self._service.handle(request)
        self._recorder.record(from_reply(request, reply, self.clock.now()))
        return reply

    def close(self) -> tuple[str, list[str]]:
        """Return the scenario, and the lines of exchanges."""
        assert self._recorder.close()
        (scenario,) = self._folder.glob("*.yaml")
        return scenario.read_text(), self._lines.read_text().splitlines()


def played(folder: Path, scenario: str, *, cancelled: bool = False) -> tuple[str, list[Any]]:
    """Play a batch with three entries to its end, and read its lines. Return the scenario and the exchanges."""
    recorded = Recorded(folder, scenario)
    started = recorded.send("POST", BATCHES, json.dumps(START).encode())
    job = f"{BATCHES}/{json.loads(started.body)['batch_ref']}"
    recorded.send("GET", job)
    if cancelled:
        recorded.send("POST", f"{job}/wind_down")
    while json.loads(recorded.send("GET", job).body)["results_href"] is None:
        pass
    recorded.send("GET", f"{job}/outcome_lines")
    text, lines = recorded.close()
    assert recorded.warned == []
    return text, [json.loads(line) for line in lines]


def test_lines(tmp_path: Path) -> None:
    """The lines of a recorded body are as many as before, and are those of the mock."""
    text, exchanges = played(tmp_path, "usual")
    rows = [json.loads(line) for line in exchanges[-1]["body"].splitlines()]
    assert [row["outcome"]["kind"] for row in rows] == ["replied"] * 3
    assert "corrupt" not in text


def test_no_lines(tmp_path: Path) -> None:
    """An empty body in JSON Lines is no fault."""
    text, exchanges = played(tmp_path, "refused-entries")
    assert not exchanges[-1]["body"] and "corrupt" not in text


def test_winding_down(tmp_path: Path) -> None:
    """A batch whose steps an operation changed is recorded to its end."""
    text, exchanges = played(tmp_path, "usual", cancelled=True)
    assert "wind_down" in exchanges[2]["path"] and "corrupt" not in text
    assert exchanges[-2]["body"]["processing_phase"] == "ended_badly"


def test_pages_with_cursors(tmp_path: Path) -> None:
    """Each recorded cursor stands for the page that it had: the lines have the mock's own cursors and all rows."""
    recorded = Recorded(tmp_path, "usual", "cursor_exports")
    job = f"{EXPORTS}/{json.loads(recorded.send('POST', EXPORTS).body)['export_key']}"
    while b"gathered" not in recorded.send("GET", job).body:
        pass
    query = b"row_limit=10"
    while cursor := json.loads(recorded.send("GET", f"{job}/exported_rows", query=query).body)["next_from"]:
        query = f"row_limit=10&from_cursor={cursor}".encode()
    text, lines = recorded.close()
    assert recorded.warned == [] and "count: 23" in text and "\nfaults:" not in text
    pages = [json.loads(line) for line in lines][-3:]
    keys = [row["row_key"] for page in pages for row in page["body"]["exported_rows"]]
    assert keys == [f"row-{number + 1}" for number in range(23)]
    asked = [page["query"].partition("from_cursor=")[2] for page in pages]
    assert asked == ["", *[page["body"]["next_from"] for page in pages[:2]]]
