"""A state machine that users subclass: start, poll, advance, page and cancel in any order, with their own client.

The client's results are compared with the answers that it received. A client must not take an error, or an answer that
got lost, for a result.
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
from .arguments import drawn_scenario, load_api, strategy
from .client_call import CallResult, observe_call
from .harness import Harness
from .regressions import attach_scenario
from .server_behaviours import behaviours

_JUDGED_RULES = ("key-in-url", "started-twice")
"""The rules that are judged; the others are about timing and page walks, which the machine decides."""
_MAX_SECONDS, _MAX_PAGE = 900, 4
_MAX_JOBS = 3
_ALREADY_FINISHED = 409


@cache
def _scenarios(api: str, page_size: int) -> SearchStrategy[Scenario]:
    """Return scenarios that end within a few steps of the machine."""
    return behaviours(
        api, page_size=page_size, max_steps=2, max_faults=1, absent=False, stuck=False, hostile=False
    )  # fmt: skip


class ClientMachine(RuleBasedStateMachine):
    """A state machine around your client: subclass it, set `api`, write the methods, and run its `TestCase`.

    `connect` creates the client. `start_job` returns a job's id, `poll_job` its status as text, `read_page` the list of
    people on a page (from 1), and `cancel_job` nothing. Methods that you don't write aren't called. Each raises an
    exception if the client got an error, or no answer. `scenarios` is a strategy, by default short `behaviours`. Raises
    UsageError.
    """

    api: ClassVar[str]
    scenarios: ClassVar[SearchStrategy[Scenario] | None] = None
    page_size: ClassVar[int] = 10
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._mock = self._stack.enter_context(Harness(load_api(self.api)).open())
        self._scenario: Scenario | None = None
        self._seen: dict[tuple[str, int], Any] = {}

    def connect(self, mock: Harness) -> None:
        """Create the client: `mock` has a `url` for real sockets, a `transport` for httpx and httpx2, an `api_key`."""
        raise NotImplementedError("A ClientMachine needs a method connect(mock).")

    def start_job(self) -> str:
        """Start a job and return its id."""
        raise NotImplementedError

    def poll_job(self, job: str) -> str:
        """Request a job's status and return it."""
        raise NotImplementedError

    def read_page(self, job: str, page: int, size: int) -> Sequence[Any]:
        """Return the people on a page."""
        raise NotImplementedError

    def cancel_job(self, job: str) -> None:
        """Cancel a job."""
        raise NotImplementedError

    @initialize(data=st.data())
    def begin(self, data: DataObject) -> None:
        """Begin a run in which jobs play a drawn scenario."""
        drawn = _scenarios(self.api, self.page_size) if self.scenarios is None else self.scenarios
        checked = strategy("scenarios", drawn, "scenarios")
        self._scenario = drawn_scenario(data.draw(checked, label="scenario"), self._mock.api)
        self._plan = plan(self._scenario, self._mock.api.shows)
        self._namespace: Namespace = self._mock.start_run(self._plan)
        self.connect(self._mock)

    @rule(target=jobs)
    @precondition(lambda self: not self._overrides("start_job") and self._has_room())
    def place(self) -> str:
        """Create a job that the client didn't start."""
        return self._place_job()

    @rule(target=jobs)
    @precondition(lambda self: self._overrides("start_job") and self._has_room())
    def start(self) -> str:
        """Start a job; if the start fails, create one in its place."""
        found = self._observe(self.start_job)
        if found.raised:
            self._check(not found.answered, f"start_job raised {found.raised!r}, although {found}")
            return self._place_job()
        self._check(found.value in self._namespace.jobs, f"start_job returned {found.value!r}, no job's id; {found}")
        return str(found.value)

    @rule(job=jobs)
    @precondition(lambda self: self._overrides("poll_job"))
    def poll(self, job: str) -> None:
        """Poll: the client must return the status that it received."""
        found = self._observe(lambda: self.poll_job(job))
        if found.raised:
            self._check(not found.answered or found.may_raise, f"poll_job raised {found.raised!r}, although {found}")
        elif found.checkable and found.last:
            same = found.answered and found.value == found.last.state
            self._check(same, f"poll_job returned {found.value!r}, although {found}")

    @rule(seconds=st.integers(1, _MAX_SECONDS))
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self._mock.clock.advance(seconds * SECOND)

    @rule(job=jobs, page=st.integers(1, _MAX_PAGE))
    @precondition(lambda self: self._overrides("read_page"))
    def page(self, job: str, page: int) -> None:
        """Read a page: the client must return as many people as were on it, each in the same place as before."""
        page = page if self._mock.api.paging else 1  # without pages, an answer has the whole list
        found = self._observe(lambda: self.read_page(job, page, self.page_size))
        if not found.checkable:
            return
        self._check(found.answered, f"read_page returned {len(found.value)} people, although {found}")
        shown = self._expected_count(job, page, found)
        if shown is None:
            return
        self._check(len(found.value) == shown, f"read_page returned {len(found.value)} people, not {shown}; {found}")
        for place, person in enumerate(found.value, (page - 1) * self.page_size + 1):
            before = self._seen.setdefault((job, place), person)
            self._check(before == person, f"read_page returned another person in place {place} than before; {found}")

    @rule(job=jobs)
    @precondition(lambda self: self._overrides("cancel_job"))
    def cancel(self, job: str) -> None:
        """Cancel: the client must return only if an answer confirms it, or says that the job had finished."""
        found = self._observe(lambda: self.cancel_job(job))
        if found.checkable and found.last:
            finished = found.last.status == _ALREADY_FINISHED and found.answers.is_delivered(found.last)
            self._check(found.answered or finished, f"cancel_job returned, although {found}")

    def teardown(self) -> None:
        """Judge the requests that were sent, and end the run."""
        try:
            if self._scenario is not None:
                findings = judge(self._namespace.journal, self._mock.api, time="virtual").findings
                broken = [str(finding) for finding in findings if finding.rule in _JUDGED_RULES]
                self._check(not broken, " ".join(broken))
        finally:
            self._stack.close()

    def _overrides(self, name: str) -> bool:
        """Return whether the subclass overrides a method."""
        return getattr(type(self), name) is not getattr(ClientMachine, name)

    def _place_job(self) -> str:
        return self._mock.service.place(self._namespace, self._plan).id

    def _has_room(self) -> bool:
        return len(self._namespace.jobs) < _MAX_JOBS

    def _observe(self, call: Callable[[], Any]) -> CallResult:
        return observe_call(self._namespace, self._mock.api, call)

    def _expected_count(self, job: str, page: int, found: CallResult) -> int | None:
        """Return how many people the mock put on a page; None where the step changes its answer on purpose."""
        held = self._namespace.jobs[job]
        step = found.last and found.last.step
        stage = held.plan.stages[step - 1] if step else held.stage(self._mock.clock.now())
        if stage.step.pages or stage.step.body or stage.step.omit or stage.step.violates:
            return None
        shown = held.shows(stage)
        return max(0, min(self.page_size, shown - (page - 1) * self.page_size)) if self._mock.api.paging else shown

    def _check(self, holds: bool, text: str) -> None:
        if not holds:
            raise attach_scenario(AssertionError(f"{text}."), self._scenario)
