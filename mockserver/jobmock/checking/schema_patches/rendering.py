"""A proposal as text: a diff for people, or JSON Patches for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff

from ...contract import documents
from . import Proposal
from .json_patch import apply_patch


def render_diff(proposal: Proposal) -> str:
    """Return the changed documents as a unified diff, with a list of what is to be decided by hand."""
    return "".join(f"{line}\n" for line in (*_document_diffs(proposal), *_by_hand(proposal)))


def render_json(proposal: Proposal) -> str:
    """Return the patches by document, and what is to be decided by hand, as JSON."""
    by_hand = [
        {"violation": str(row.violation), "count": row.count, "first": row.place, "why": why}
        for row, why in proposal.by_hand
    ]
    data = {"patches": dict(proposal.patches), "by_hand": by_hand}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _document_diffs(proposal: Proposal) -> Iterator[str]:
    for name, patch in proposal.patches.items():
        before = documents.document(name)
        old, new = _lines(before), _lines(apply_patch(before, patch))
        yield from unified_diff(old, new, f"a/schemas/{name}", f"b/schemas/{name}", lineterm="")


def _by_hand(proposal: Proposal) -> Iterator[str]:
    if proposal.by_hand:
        yield "# To be decided by hand:"
    for row, why in proposal.by_hand:
        yield f"#   {row.violation}"
        yield f"#     {why}"
    if not proposal.patches and not proposal.by_hand:
        yield "# Nothing to change: the schemas accept all that was seen."


def _lines(document: object) -> list[str]:
    return json.dumps(document, indent=2, ensure_ascii=False).splitlines()
