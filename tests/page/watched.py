"""A window of the browser, and what went wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator, Page

PATIENCE = 60_000.0
"""Milliseconds after which what should appear counts as missing."""
REFUSED = "Failed to load resource"
"""What Chromium writes to the console when a server refuses a request or can't be reached."""


class Watched:
    """The page of a server in a window of its own."""

    def __init__(self, browser: Browser, server: str, *, refusals: bool = False, **options: Any) -> None:
        self.server, self._refusals = server, refusals
        self._context = browser.new_context(**options)
        self._context.set_default_timeout(PATIENCE)
        self._context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self._context.new_page()
        self.addresses, self._said = list[str](), list[str]()
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("console", lambda message: self._said.append(f"{message.type}: {message.text}"))
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self._said.append(f"error: {error}"))

    def open(self, namespace: str = "") -> None:
        """Open the page at a namespace, and wait until its stream of events has begun."""
        self.page.goto(f"{self.server}/__jobmock/#{namespace}")
        if not self._refusals:
            self.page.locator("#connection[data-live=true]").wait_for()
        if namespace:
            self.page.get_by_role("heading", name=namespace, level=2).wait_for()

    def allow_refusals(self) -> None:
        """Let requests be refused, or a server be away, from now on."""
        self._refusals = True

    def region(self, name: str) -> Locator:
        """Return the region whose name begins with a word."""
        return self.page.get_by_role("region", name=name)

    def button(self, name: str) -> Locator:
        """Return the button with exactly this name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, number: int) -> Locator:
        """Return the row of a request."""
        return self.page.locator(f"tr[data-exchange='{number}']")

    def mark(self, number: int) -> Locator:
        """Return the mark of a request, which may stand for several."""
        return self.page.locator(f".mark[data-exchange='{number}']")

    def copied(self) -> str:
        """Return the text on the clipboard."""
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def wrong(self) -> list[str]:
        """Return what the console said of errors, and the addresses of other hosts."""
        elsewhere = [url for url in self.addresses if not url.startswith((f"{self.server}/", f"blob:{self.server}/"))]
        said = [text for text in self._said if text.startswith(("error", "warning"))]
        return elsewhere + [text for text in said if not (self._refusals and REFUSED in text)]

    def _dismiss(self, dialog: Dialog) -> None:
        """Close a dialog of a script, which the page never opens itself."""
        self._said.append(f"error: a script has opened a dialog: {dialog.message}")
        dialog.dismiss()

    def close(self) -> None:
        """Close the window."""
        self._context.close()
