"""The browser of this machine, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def missing() -> str | None:
    """Return why there is no browser for tests here, or None if there is one."""
    if find_spec("playwright") is None:
        return "Playwright isn't installed."
    return None if _path() else "There is no Chromium here."


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the browser for the length of a `with` block. Meanwhile this thread can't run another event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_path(), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _path() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)
