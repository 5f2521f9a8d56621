"""The table of bundled scenarios in scenarios/README.md, made from the files."""

from __future__ import annotations

import re
from pathlib import Path

from jobmock import Catalogue

PAGE = Path(__file__).parents[2] / "scenarios" / "README.md"
_BEGIN, _END = "<!-- catalogue -->\n", "<!-- end of the catalogue -->\n"


def written(text: str) -> str:
    """Return the page with the table of the scenarios that there are."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table()}{_END}{after}"


def table() -> str:
    """Return one row for each bundled scenario: its name, which is a link to its file, and its summary."""
    entries = Catalogue().entries()
    rows = [f"| [{entry.name}]({entry.name}.yaml) | {_cell(entry.scenario.summary)} |\n" for entry in entries]
    return "".join(["| Scenario | What happens |\n", "|---|---|\n", *rows])


def _cell(text: str) -> str:
    return re.sub(r"([|<>])", r"\\\1", text)
