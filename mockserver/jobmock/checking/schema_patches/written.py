"""The changed documents as files, which `check --schemas` uses in place of those of jobmock."""

from __future__ import annotations

import json
from pathlib import Path

from ...contract import documents
from ...errors import UsageError
from ...files import write_file
from . import Proposal
from .json_patch import apply_patch


def write_documents(folder: Path, proposal: Proposal) -> None:
    """Write each document that a proposal changes into a folder, as in `schemas/`. Raises UsageError."""
    for name, patch in proposal.patches.items():
        text = json.dumps(apply_patch(documents.document(name), patch), indent=2, ensure_ascii=False) + "\n"
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, text.encode())
        except OSError as error:
            raise UsageError(f"The document {path} can't be written: {error.strerror or error}.") from None
