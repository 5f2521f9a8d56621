"""The recorder: takes what was seen, one exchange after another, and keeps the scenarios on disk true."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from ...catalogue import Catalogue
from ...clock import SECOND
from ...dialect import Api
from ...errors import ScenarioError
from ...headers import retry_headers
from ..exchange import LiveExchange, to_line
from .allowed import UNLISTED, Allowed
from .differing import LEFT_OUT, filled
from .distilling import Distiller, Sighting
from .files import Folder, Lines
from .fitting import Fitted, Fitter, differs
from .seen import Seen
from .shadow import Told
from .story import Stories, Story
from .text import commented


class Recorder:
    """Records the exchanges of one API into a folder, and into `lines` if given. `say` is told what can't be recorded.

    `words` may be written down although no document lists them.
    """

    def __init__(
        self, api: Api, folder: Folder, say: Callable[[str], None], *, lines: Lines | None = None,
        words: Iterable[str] = (), catalogue: Catalogue | None = None,
    ) -> None:  # fmt: skip
        self._folder, self._lines, self._say = folder, lines, say
        self._distiller = Distiller(api, Allowed(api, words))
        self._fitter = Fitter(catalogue or Catalogue(), self._distiller)
        self._stories = Stories()
        self._fitted: dict[int, Fitted] = {}
        self._pages: dict[tuple[int, tuple[str, ...]], int] = {}
        self._said: set[str] = set()

    def take(self, seen: Seen) -> None:
        """Record one exchange; on return it is on disk, as far as it may be known. Raises OSError."""
        one = self._distiller.sighting(seen)
        if one is None:
            self._say_once(_NOT_RECORDED)
            return
        story = self._stories.take(one)
        told = self._told(story, one)
        if self._lines is not None and one.status and not self._lines.add(to_line(_scrubbed(one, told))):
            self._say_once("The file of exchanges was changed by somebody else; nothing is added to it any more.")

    def _told(self, story: Story, one: Sighting) -> Told:
        """Bring the story's scenario up to date, and return how it tells the exchange."""
        before = self._fitted.get(story.number)
        if before is not None and one is story.sightings[-1] and not one.harm and not self._repeats(story, one):
            told = before.shadow.tell(one)
            if not differs(one, told.own):
                return told
        fitted = self._fitted[story.number] = self._fitter.fit(story, before)
        self._write(story, fitted)
        return fitted.newest

    def _repeats(self, story: Story, one: Sighting) -> bool:
        """Say whether a page shows the people of another: only the story as a whole tells which."""
        page, shown = one.heard.page, one.heard.shown
        return bool(page and shown) and self._pages.setdefault((story.number, shown), page) != page

    def _write(self, story: Story, fitted: Fitted) -> None:
        try:
            text = commented(fitted.scenario, fitted.notes)
            self._folder.write(f"job-{story.number}", text.encode())
        except ScenarioError:
            self._say_once(f"Job {story.number} can't be told by a scenario any further; what was written stays.")
            return
        if UNLISTED in text:
            self._say_once("Words that no document lists stand as unlisted_1 and so on; --word lets one through.")
        for note in fitted.notes:
            self._say_once(f"Job {story.number}: {note}")

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)


_NOT_RECORDED = (
    "Not recorded: a request that is no operation of the API, has no key of its form, or whose answer "
    "is in an encoding that can't be undone."
)


def _scrubbed(one: Sighting, told: Told) -> LiveExchange:
    """Return an exchange in which nothing real is left: what the mock told takes the place of what is hidden."""
    headers = {name.decode(): value.decode() for name, value in retry_headers(one.retry, one.at)}
    if one.kind:
        headers["content-type"] = one.kind
    return LiveExchange(
        at=one.at - one.at % (SECOND // 1000), method=told.request.method, path=told.request.path.decode(),
        query=told.request.query.decode(), sent=_body(one.sent, told.request.body), status=one.status,
        headers=headers, body=_body(one.data, told.body) if one.readable else _unread(one),
    )  # fmt: skip


def _body(known: Any, own: bytes) -> bytes:
    if not isinstance(known, dict):
        return b""
    try:
        inner = orjson.loads(own or b"null")
    except orjson.JSONDecodeError:
        inner = None
    return orjson.dumps(filled(known, inner))


def _unread(one: Sighting) -> bytes:
    return b"" if one.harm.get("corrupt") == "empty_body" else LEFT_OUT.encode()
