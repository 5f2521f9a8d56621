"""The scenarios of a recording: fitted to whatever has come, and written where that changes them."""

from __future__ import annotations

from collections import deque

from ..errors import ScenarioError
from .allow_list import UNLISTED
from .files import Folder
from .infer_scenario import Fitted, Fitter, differs
from .recorded_jobs import Stories, Story
from .sanitizer import Sighting
from .warnings import Minding
from .yaml_text import commented


class Scenarios:
    """Keeps one file for each job. `add` may be called from another thread than `settle`."""

    def __init__(self, folder: Folder, fitter: Fitter, minding: Minding) -> None:
        self._folder, self._fitter, self._minding = folder, fitter, minding
        self._arrived, self._stories = deque[Sighting](), Stories()
        self._fitted: dict[int, Fitted] = {}
        self._pages: dict[tuple[int, tuple[str, ...]], int] = {}
        self._owed: dict[int, bytes] = {}
        """What is to be written still, by the job's number."""
        self._written: set[int] = set()
        self._untold: set[int] = set()
        """Of which jobs no scenario can tell all that came."""

    @property
    def whole(self) -> bool:
        """Whether everything is written."""
        return not self._owed and not self._untold

    def add(self, one: Sighting) -> None:
        """Have an exchange told by the scenario of its job, once `settle` is called."""
        self._arrived.append(one)

    def settle(self) -> None:
        """Fit what has come, and write it, also what couldn't be written before. Doesn't raise."""
        for story, news in self._news():
            with self._minding.whatever(f"Job {story.number}"):
                if not self._tells(story, news):
                    self._fit(story)
        for number, content in tuple(self._owed.items()):
            with self._minding.writing():
                self._folder.write(f"job-{number}", content)
                self._written.add(number)
                del self._owed[number]

    def _news(self) -> list[tuple[Story, list[Sighting]]]:
        """Put what has arrived into its stories; return these, each with what is new."""
        found: dict[int, tuple[Story, list[Sighting]]] = {}
        while self._arrived:
            one = self._arrived.popleft()
            story = self._stories.take(one)
            found.setdefault(story.number, (story, []))[1].append(one)
        return list(found.values())

    def _tells(self, story: Story, news: list[Sighting]) -> bool:
        """Say whether the scenario as it is tells what is new too."""
        fitted = self._fitted.get(story.number)
        if fitted is None or news != story.sightings[-len(news) :]:
            return False
        return not any(
            one.harm or self._repeats(story, one) or differs(one, fitted.shadow.tell(one).own) for one in news
        )

    def _repeats(self, story: Story, one: Sighting) -> bool:
        """Say whether a page shows the people of another: only the story as a whole tells which."""
        page, shown = one.heard.page, one.heard.shown
        return bool(page and shown) and self._pages.setdefault((story.number, shown), page) != page

    def _fit(self, story: Story) -> None:
        number = story.number
        fitted = self._fitted[number] = self._fitter.fit(story, self._fitted.get(number))
        try:
            text = commented(fitted.scenario, fitted.notes)
        except ScenarioError as error:
            left = "what was written of it stays" if number in self._written else "no file was written"
            self._minding.say(f"Job {number} can't be told by a scenario, and {left}: {error.problems[0].message}")
            self._untold.add(number)
            return
        self._untold.discard(number)
        self._owed[number] = text.encode()
        if UNLISTED in text:
            self._minding.say("Words that no document lists stand as unlisted_1 and so on; --word lets one through.")
        for note in fitted.notes:
            self._minding.say(f"Job {number}: {note}")
