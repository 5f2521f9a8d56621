"""Answers to polls. An answer depends only on the `JobView` of its job, so it is cached until that changes."""

from __future__ import annotations

from collections.abc import Callable

from ..engine.body_patches import patched
from ..engine.progression import ABSENT, poll, settle
from .answers import Answer, CachedBody, Refused
from .job_views import JobView
from .request_context import RequestContext

_LONGEST = 1_000
"""An answer that depends on more characters of the request isn't cached."""


class _Url:
    """Returns the whole URL of a path at an origin, and notes that it was used."""

    __slots__ = ("_origin", "used")

    def __init__(self, origin: str) -> None:
        self._origin, self.used = origin, False

    def __call__(self, path: str) -> str:
        self.used = True
        return f"{self._origin}{path}"


def status_operation(render_status: Callable[[JobView], Answer]) -> Callable[[RequestContext], Answer]:
    """Return the `answer` of a status operation: it advances the job, and caches the rendered answer.

    The members that a step has for its body are merged into the rendered one. A poll that `render_status` refuses
    doesn't advance the job. A poll of a job that can't be found does.
    """

    def answer(call: RequestContext) -> Answer:
        job = call.job
        assert job is not None
        stage, state = poll(job.plan.stages, job.state, call.now)
        inputs = job.plan, job.count, job.kept, stage, call.chosen or call.settings(), call.request.query
        last = job.last_answer
        if last is None or last[0] != inputs or (last[2] and last[2] != call.origin()):
            origin, entered = call.origin(), settle(job.plan.stages, job.state, call.now).entered
            view = JobView(job.id, job.created, job.facts, *inputs, entered, url := _Url(origin))
            status, body, headers, page, _ = render_status(view)
            shown = patched(body, stage.step) if isinstance(body, dict) else body
            last = (inputs, Answer(status, CachedBody(shown, job), headers, page), origin if url.used else "")
            job.last_answer = last if len(inputs[-1]) + len(last[2]) < _LONGEST else None
        if state[0] != job.state[0]:
            call.namespace.mark_changed(job.id)
        job.state = state
        job.polls += 1
        call.stage = stage
        if stage.step.status == ABSENT:
            raise Refused(call.api.not_found_error)
        cached: Answer = last[1]
        return cached

    return answer
