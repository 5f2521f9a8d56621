"""The pages describe each field of a report, and their commands write such reports."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

from tests.checking.exchanges import clado, status
from tests.checking.planted_drifts import report_of_each_kind
from tests.commands.runs import runs
from tests.documents.reading import blocks, first_words
from tests.documents.running import run

from jobmock.checking.exchange import to_line
from jobmock.checking.formats import FORMATS as OF_CHECKS
from jobmock.commands.reports import FORMATS as OF_RUNS

CHECK, RUN = "schemas/README.md", "mockserver/README.md"


def test_commands_of_check(tmp_path: Path) -> None:
    """The command with several reports writes them all."""
    (script,) = blocks(CHECK, "sh", "Reports")
    (tmp_path / "exchanges.jsonl").write_bytes(to_line(clado(status("ranking"))))
    assert "1 answer judged: 1 breaking" in run(script, tmp_path)
    assert fromstring((tmp_path / "check.xml").read_text("utf-8")).find(".//failure") is not None
    assert json.loads((tmp_path / "check.json").read_bytes())["violations"]


def test_fields_of_check() -> None:
    """The page of checks has each field of the JSON report, and of a difference."""
    data = json.loads(OF_CHECKS.render(report_of_each_kind(), "json"))
    assert first_words(CHECK, "Reports") == list(data)
    shown = dict.fromkeys(first_words(CHECK, "Reports", 1))
    assert shown.keys() - {"type-changed"} >= set(data["violations"][0])
    assert shown.keys() - {"type-changed", "number"} <= set(data["violations"][0])


def test_formats_of_run() -> None:
    """The page of the command has each format of the reports of runs."""
    assert tuple(first_words(RUN, "Reports")) == OF_RUNS.names


def test_fields_of_run() -> None:
    """The page of the command has each field of the JSON report, of a run and of a finding, in order."""
    data = json.loads(OF_RUNS.render(runs(), "json"))
    for number, found in enumerate((data, data["runs"][2], data["runs"][2]["findings"][0]), start=1):
        words = first_words(RUN, "Reports", number)
        assert words == list(found)
