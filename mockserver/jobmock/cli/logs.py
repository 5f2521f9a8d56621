"""The logs of the commands that serve: on stderr, as text or as lines of JSON."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

from ..redaction import redact

_PLAIN = re.compile(r"[^\s\"=\\\x00-\x1f\x7f]+")
"""A value that needs no quotes in a line of text."""


class TextLines(logging.Formatter):
    """Formats a record as text, without keys. The fields of a request that aren't null follow as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = (f" {name}={_shown(value)}" for name, value in _fields(record).items() if value is not None)
        return redact(super().format(record) + "".join(fields))


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, without keys."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {"time": f"{moment}Z", "level": record.levelname.lower(), "logger": record.name}
        line["message"] = redact(record.getMessage())
        line |= {name: redact(value) if isinstance(value, str) else value for name, value in _fields(record).items()}
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """Return the fields of a record about a request; none of another one."""
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return fields


def _shown(value: Any) -> str:
    """Return a value as one word, or as a text of JSON: a job's id may have blanks and line ends."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def to_stderr(form: str, *, requests: bool = False) -> None:
    """Log to stderr as `text` or `json`; with `requests`, log a line for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("jobmock").setLevel(logging.INFO)
    logging.getLogger("jobmock.requests").setLevel(logging.INFO if requests else logging.WARNING)
