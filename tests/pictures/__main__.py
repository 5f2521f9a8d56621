"""Makes the pictures of the documents from real runs: `python -m tests.pictures`."""

from __future__ import annotations

from tests.pictures.made import FOLDER, pictures


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures():
        (FOLDER / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
