"""The notes of exchanges about jobs that the server itself lost. No rule blames a client for them."""

from __future__ import annotations

CLOSED = "the server had closed this key's namespace to make room, so the job was gone"
DROPPED = "the server had dropped this job to make room for others of its key"


def why_lost(note: str | None) -> str | None:
    """Return why the server had lost the job of an exchange with a note; None if it had not."""
    return next((text for text in (CLOSED, DROPPED) if text in (note or "")), None)
