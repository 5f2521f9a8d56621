"""The lines of the logs: as text and as JSON, without keys."""

from __future__ import annotations

import json
import logging
from typing import Any

from jobmock.cli.logs import JsonLines, TextLines

FIELDS = {
    "namespace": "clado-3f9a1c", "api": "clado", "operation": "status", "job": "a b", "status": 500, "step": None,
    "fault": "respond server_error", "held": 9.5, "milliseconds": 0.25,
}  # fmt: skip


def record(fields: dict[str, Any] | None) -> logging.LogRecord:
    """Return a record with fields, or without."""
    made = logging.LogRecord("jobmock.requests", logging.INFO, "", 0, "GET /%s -> 500", ("lk_secret",), None)
    if fields is not None:
        made.fields = fields
    return made


def test_text_has_the_fields_that_are_known() -> None:
    """In text, each field follows as a word; one with blanks or quotes is a text of JSON, and null is left out."""
    line = TextLines("%(levelname)s %(name)s: %(message)s").format(record(FIELDS))
    assert line == (
        'INFO jobmock.requests: GET /lk_… -> 500 namespace=clado-3f9a1c api=clado operation=status job="a b" status=500'
        ' fault="respond server_error" held=9.5 milliseconds=0.25'
    )


def test_json_has_every_field() -> None:
    """In JSON, each field is a member with its own type."""
    line = json.loads(JsonLines().format(record(FIELDS)))
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "logger": "jobmock.requests", "message": "GET /lk_… -> 500", **FIELDS}


def test_a_field_makes_no_line_and_shows_no_key() -> None:
    """A job's id, which a client may choose, can't begin another line, and a key in a field is cut."""
    for form in (TextLines("%(message)s"), JsonLines()):
        line = form.format(record({"job": "x\nINFO forged lk_secret42", "fault": 'a"b'}))
        assert len(line.splitlines()) == 1 and "secret42" not in line


def test_other_records_have_no_fields() -> None:
    """A record that isn't about a request is as before."""
    assert TextLines("%(message)s").format(record(None)) == "GET /lk_… -> 500"
    assert set(json.loads(JsonLines().format(record(None)))) == {"time", "level", "logger", "message"}
