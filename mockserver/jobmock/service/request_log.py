"""Logs requests: a line for each, with whose it was, what it was about, and how it was answered."""

from __future__ import annotations

import logging
from typing import Any

from ..clock import SECOND
from ..dialect.request_context import RequestContext
from ..engine.namespace import Namespace
from ..models import Reply
from ..redaction import redact
from .request_head import RequestHead

_MILLISECOND = 1_000_000
INFO = logging.INFO
log = logging.getLogger("jobmock.requests")


def log_request(call: RequestContext, head: RequestHead, reply: Reply, namespace: Namespace | None, took: int) -> None:
    """Log an answered request. It took so many nanoseconds of real time, without those for which it is held."""
    api, operation, method, path, _ = head.shown
    fault, stage = call.fault, call.stage
    fields: dict[str, Any] = {
        "namespace": None if namespace is None else namespace.name, "api": api, "operation": operation,
        "job": None if call.job is None else call.job.redacted, "status": reply.status,
        "step": None if stage is None else stage.number + 1, "fault": None if fault is None else fault.label,
        "held": call.due / SECOND if fault is not None and call.due else None,
        "milliseconds": round(took / _MILLISECOND, 3),
    }  # fmt: skip
    note = f" ({redact(call.note)})" if call.note else ""
    log.info("%s %s -> %d%s", method, path, reply.status, note, extra={"fields": fields})
