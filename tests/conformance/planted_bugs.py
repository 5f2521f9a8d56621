"""The planted bugs: what real polling clients did wrong, in the reference clients of `tests/examples/conformance`.

The reference clients have no bug and no switch. A planted client is a copy of one of them with one replacement.
"""

from __future__ import annotations

from pathlib import Path

from tests.conformance.node_clients import as_javascript
from tests.conformance.planted_bug import PlantedBug
from tests.conformance.planted_pages import PAGE_BUGS
from tests.conformance.planted_polling import POLLING_BUGS
from tests.conformance.planted_requests import REQUEST_BUGS

PLANTED_BUGS = POLLING_BUGS + REQUEST_BUGS + PAGE_BUGS
CLIENTS = Path(__file__).parents[1] / "examples" / "conformance"
SOURCES = {"python": CLIENTS / "client.py", "typescript": CLIENTS / "client.ts"}


def planted_source(bug: PlantedBug, language: str) -> str:
    """Return the source of a client with a bug. Raises ValueError unless the replaced text is there once."""
    source = SOURCES[language].read_text("utf-8")
    old, new = bug.python if language == "python" else bug.typescript
    if source.count(old) != 1:
        raise ValueError(f"{bug.id}: {source.count(old)} parts of {SOURCES[language].name} are {old!r}.")
    return source.replace(old, new)


def planted(bug: PlantedBug, language: str, folder: Path) -> Path:
    """Write a client with a bug to a folder, and return its file, which `python` or `node` can run as it is.

    `language` is `python` or `typescript`. The types of TypeScript are removed, because Node 20 can't read them; that
    needs esbuild, and skips the test if there is none.
    """
    return _written(planted_source(bug, language), language, folder, bug.id)


def reference(language: str, folder: Path) -> Path:
    """Write the correct client to a folder, in the same form as `planted` does, and return its file."""
    return _written(SOURCES[language].read_text("utf-8"), language, folder, "reference")


def _written(source: str, language: str, folder: Path, name: str) -> Path:
    """Write a source to a new file, and return the file."""
    if language == "typescript":
        source = as_javascript(source)
    file = folder / f"{name}{'.py' if language == 'python' else '.mjs'}"
    file.write_text(source, "utf-8")
    return file
