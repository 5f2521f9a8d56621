"""The command that plays one case alone."""

from __future__ import annotations

from ..cases import Case
from ..scorecard import Scorecard


def replay_command(card: Scorecard, case: Case) -> str | None:
    """Return the command line that plays one case to the same client; None for a callable that no name finds."""
    if "<" in card.client:
        return None
    return " ".join(filter(None, ("jobmock conform --api", card.api, card.options, "--case", case.id, card.client)))
