"""The files of the page as they are in the package: what they load, how large they are, and that texts stay texts."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from jobmock.server import page

STATIC = Path(page.__file__).with_name("static")
FILES = sorted(STATIC.iterdir())
SVG = "http://www.w3.org/2000/svg"
MOST_BYTES_SENT = 80_000
MOST_LINES = 250


def test_every_file_is_loaded_and_every_loaded_file_is_there() -> None:
    """From the page, its links and its modules' imports lead to each file of the folder, and to nothing else."""
    found, names = set(), ["index.html"]
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += re.findall(r'(?:href="page|src="page|from "\.)/([\w.]+)"', (STATIC / name).read_text("utf-8"))
    assert found == {file.name for file in FILES}


def test_the_page_is_small() -> None:
    """All files together, as they are sent to a browser, are smaller than a picture."""
    sent = sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in FILES)
    assert sent <= MOST_BYTES_SENT


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_text_is_never_markup(file: Path) -> None:
    """No file uses what takes markup or code as text, has a script or a style in it, or names another host."""
    text = file.read_text("utf-8")
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert not re.findall(r"<script(?! type=\"module\" src=)|<style| style=| on\w+=\"", text)
    assert not [url for url in re.findall(r"https?://[^\s\"'`)]+", text) if url != SVG]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_short(file: Path) -> None:
    """Each file has one job, so it is short."""
    assert len(file.read_text("utf-8").splitlines()) <= MOST_LINES
