"""A state machine that a user subclasses: start, poll, advance, page and cancel, in any order, against their client.

What the client says of a job is held against what it was told; an error, or an answer that got lost, mustn't be taken
for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.strategies import DataObject, SearchStrategy

from ..clock import SECOND
from ..engine.namespace import Namespace
from ..engine.progression import plan
from ..etiquette import judge
from ..models import Scenario
from .arguments import api_named
from .client_call import Heard, heard
from .harness import Stand
from .regressions import blame
from .server_behaviours import behaviours

_OF_SENDING = ("key-in-url", "started-twice")
"""The rules that count here; the others are about rhythm and about pages, which the machine decides."""
_MOST_SECONDS, _MOST_PAGE = 900, 4
_MOST_JOBS = 3
_FINISHED = 409


@cache
def _scenarios(api: str, page_size: int) -> SearchStrategy[Scenario]:
    """Return scenarios that a few steps of the machine come through."""
    return behaviours(
        api, page_size=page_size, max_steps=2, max_faults=1, absent=False, stuck=False, hostile=False
    )  # fmt: skip


class ClientMachine(RuleBasedStateMachine):
    """Subclass it, name the `api`, write what your client does, and run its `TestCase`.

    `connect` makes the client; `start_job` returns a job's id, `poll_job` its status as a text, `read_page` the list of
    people on a page (from 1), and `cancel_job` nothing; what you don't write isn't tried. Each raises where the client
    got no answer, or an error. `scenarios` are short ones of `behaviours` unless you name others. Raises UsageError.
    """

    api: ClassVar[str]
    scenarios: ClassVar[SearchStrategy[Scenario] | None] = None
    page_size: ClassVar[int] = 10
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._mock = self._stack.enter_context(Stand(api_named(self.api)).open())
        self._scenario: Scenario | None = None
        self._seen: dict[tuple[str, int], Any] = {}

    def connect(self, mock: Stand) -> None:
        """Make the client: `mock` has a `url` for real sockets, a `transport` for httpx and httpx2, an `api_key`."""
        raise NotImplementedError("A ClientMachine needs a method connect(mock).")

    def start_job(self) -> str:
        """Start a job and return its id."""
        raise NotImplementedError

    def poll_job(self, job: str) -> str:
        """Ask for a job's status, and return it."""
        raise NotImplementedError

    def read_page(self, job: str, page: int, size: int) -> Sequence[Any]:
        """Return the people on a page."""
        raise NotImplementedError

    def cancel_job(self, job: str) -> None:
        """Cancel a job."""
        raise NotImplementedError

    @initialize(data=st.data())
    def begin(self, data: DataObject) -> None:
        """Begin a world in which jobs play a scenario."""
        drawn = _scenarios(self.api, self.page_size) if self.scenarios is None else self.scenarios
        self._scenario = data.draw(drawn, label="scenario")
        self._plan = plan(self._scenario, self._mock.api.shows)
        self._namespace: Namespace = self._mock.begin(self._plan)
        self.connect(self._mock)

    @rule(target=jobs)
    @precondition(lambda self: not self._written("start_job") and self._has_room())
    def place(self) -> str:
        """Make a job that the client didn't start."""
        return self._placed()

    @rule(target=jobs)
    @precondition(lambda self: self._written("start_job") and self._has_room())
    def start(self) -> str:
        """Start a job; one that nobody started takes its place where the start fails."""
        found = self._heard(self.start_job)
        if found.raised:
            self._hold(not found.told, f"start_job raised {found.raised!r}, although {found}")
            return self._placed()
        self._hold(found.value in self._namespace.jobs, f"start_job returned {found.value!r}, no job's id; {found}")
        return str(found.value)

    @rule(job=jobs)
    @precondition(lambda self: self._written("poll_job"))
    def poll(self, job: str) -> None:
        """Poll: the status is the one that was told."""
        found = self._heard(lambda: self.poll_job(job))
        if found.raised:
            self._hold(not found.told or found.ended_badly, f"poll_job raised {found.raised!r}, although {found}")
        elif found.returned and found.last:
            same = found.told and found.value == found.last.state
            self._hold(same, f"poll_job returned {found.value!r}, although {found}")

    @rule(seconds=st.integers(1, _MOST_SECONDS))
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self._mock.clock.advance(seconds * SECOND)

    @rule(job=jobs, page=st.integers(1, _MOST_PAGE))
    @precondition(lambda self: self._written("read_page"))
    def page(self, job: str, page: int) -> None:
        """Read a page: as many people as were on it, and each of them where it was before."""
        found = self._heard(lambda: self.read_page(job, page, self.page_size))
        if not found.returned:
            return
        self._hold(found.told, f"read_page returned {len(found.value)} people, although {found}")
        shown = self._on_page(job, page, found)
        if shown is None:
            return
        self._hold(len(found.value) == shown, f"read_page returned {len(found.value)} people, not {shown}; {found}")
        for place, person in enumerate(found.value, (page - 1) * self.page_size + 1):
            before = self._seen.setdefault((job, place), person)
            self._hold(before == person, f"read_page returned another person in place {place} than before; {found}")

    @rule(job=jobs)
    @precondition(lambda self: self._written("cancel_job"))
    def cancel(self, job: str) -> None:
        """Cancel: only an answer that says so is taken for that, or that the job had finished."""
        found = self._heard(lambda: self.cancel_job(job))
        if found.returned and found.last:
            told = found.told or (found.last.status == _FINISHED and found.answers.is_delivered(found.last))
            self._hold(told, f"cancel_job returned, although {found}")

    def teardown(self) -> None:
        """Judge what was sent, and end the world."""
        try:
            if self._scenario is not None:
                findings = judge(self._namespace.journal, self._mock.api).findings
                broken = [str(finding) for finding in findings if finding.rule in _OF_SENDING]
                self._hold(not broken, " ".join(broken))
        finally:
            self._stack.close()

    def _written(self, name: str) -> bool:
        """Say whether the subclass has written a method."""
        return getattr(type(self), name) is not getattr(ClientMachine, name)

    def _placed(self) -> str:
        return self._mock.service.place(self._namespace, self._plan).id

    def _has_room(self) -> bool:
        return len(self._namespace.jobs) < _MOST_JOBS

    def _heard(self, call: Callable[[], Any]) -> Heard:
        return heard(self._namespace, self._mock.api, call)

    def _on_page(self, job: str, page: int, found: Heard) -> int | None:
        """Return how many people were on a page; None where the step lies on purpose."""
        held = self._namespace.jobs[job]
        stage = held.plan.stages[(found.last and found.last.step) or 0]
        if stage.step.pages or stage.step.body or stage.step.omit or stage.step.violates:
            return None
        return max(0, min(self.page_size, held.shows(stage) - (page - 1) * self.page_size))

    def _hold(self, holds: bool, text: str) -> None:
        if not holds:
            raise blame(AssertionError(f"{text}."), self._scenario)
