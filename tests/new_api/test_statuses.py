"""The meaning of statuses is guessed by their words."""

from __future__ import annotations

import pytest

from jobmock.new_api.statuses import guessed


@pytest.mark.parametrize(
    ("words", "success", "ends"),
    [
        ("queued in_progress completed failed", "completed", "completed failed"),
        ("validating failed in_progress finalizing completed expired cancelling cancelled", "completed",
         "completed failed expired cancelled"),
        ("JOB_STATE_PENDING JOB_STATE_RUNNING JOB_STATE_SUCCEEDED JOB_STATE_FAILED", "JOB_STATE_SUCCEEDED",
         "JOB_STATE_SUCCEEDED JOB_STATE_FAILED"),
        ("NotStarted Running Succeeded TimedOut", "Succeeded", "Succeeded TimedOut"),
        ("not_ready ready", "ready", "ready"),
        ("working shipped lost error", "lost", "lost error"),
        ("failed", "failed", "failed"),
        ("active", "active", "active"),
    ],
)  # fmt: skip
def test_last_statuses(words: str, success: str, ends: str) -> None:
    """Words of an end are last statuses, a success before the others. Without one, the last other word is it."""
    found = guessed(words.split())
    assert [word for word, following in found.transitions.items() if not following] == ends.split()
    assert [word for word, shown in found.shows.items() if shown == "all"] == [success]
    assert found.usual[-1] == success


def test_order_of_statuses() -> None:
    """Words of a beginning come first, whatever the order in the document, and each leads to all later ones."""
    found = guessed(["cancelled", "cancelling", "completed", "finalizing", "in_progress", "queued"])
    assert [*found.transitions] == ["queued", "in_progress", "finalizing", "cancelling", "completed", "cancelled"]
    assert found.transitions["finalizing"] == ("cancelling", "completed", "cancelled")
    assert list(found.usual) == ["queued", "in_progress", "finalizing", "completed"]
    assert found.cancelled == "cancelled"
