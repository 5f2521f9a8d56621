"""The logs of the commands that serve: on stderr, as text or as lines of JSON."""

from __future__ import annotations

import json
import logging
import sys
import time

from ..redaction import redact


class TextLines(logging.Formatter):
    """Formats a record as text, without keys."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, without keys."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{moment}Z", "level": record.levelname.lower(), "logger": record.name}
        line["message"] = redact(record.getMessage())
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def to_stderr(form: str, *, requests: bool = False) -> None:
    """Log to stderr as `text` or `json`; with `requests`, log a line for each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("jobmock").setLevel(logging.INFO)
    logging.getLogger("jobmock.requests").setLevel(logging.INFO if requests else logging.WARNING)
