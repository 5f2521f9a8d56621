"""The endpoint of the control API, which checks a call, finds its namespace, and answers in JSON; and one for 404s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ...errors import JobmockError, hint, short_repr
from ...service.service import Service
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from ..off_loop import off_loop
from ..request_bodies import read_body, refuse_rest
from .access import OPEN_CALLS, Access
from .calls import Calls
from .fields import Problem, as_object, check_length, check_type, document, problem_of
from .formats import wants_text
from .long_calls import response_of
from .namespaces import namespace_of

_MAX_PARSED_ON_LOOP = 64 << 10


class Control:
    """The ASGI endpoint of the control calls of one service."""

    def __init__(
        self, service: Service, held_answers: HeldAnswers, access: Access, others: Iterable[str] = (),
        handling_times: HandlingTimes | None = None,
    ) -> None:  # fmt: skip
        """`others` are the names of calls that have endpoints of their own."""
        self._service, self._held_answers, self._others = service, held_answers, others
        self._access = access
        self._calls = Calls(service, held_answers, handling_times).table

    def routes(self) -> list[Route]:
        """Return the routes, relative to `/__jobmock`."""
        return [Route("/{call:path}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._held_answers.control_calls += 1
        try:
            await _answer(self._handle, scope, receive, send)
        finally:
            self._held_answers.control_calls -= 1

    async def _handle(self, request: HttpRequest, raw: bytes) -> tuple[Any, int]:
        name = request.path_params["call"]
        self._access.check(name, request.headers, request.url.scheme)
        methods = self._calls.get(name)
        if methods is None:
            known = (*self._calls, *self._others)
            text = f"There is no control call {short_repr(name)}. Calls: {', '.join(known)}.{hint(name, known)}"
            raise Problem(404, text)
        call = methods.get("GET" if request.method == "HEAD" else request.method)
        if call is None:
            allowed = ", ".join(methods)
            raise Problem(405, f"{name!r} has {allowed} only, not {request.method}.", headers={"allow": allowed})
        check_type(request.headers, raw)
        body = as_object(raw) if len(raw) <= _MAX_PARSED_ON_LOOP else await off_loop(lambda: as_object(raw))
        query = request.query_params if request.method in ("GET", "HEAD") else {}
        namespace = None if name in OPEN_CALLS else namespace_of(self._service, request.headers.get("authorization"))
        given = {**query, **body}
        if wants_text(name, request.method, given, request.headers):
            given["format"] = "text"
        answer = call(namespace, given)
        return answer, 201 if (name, request.method) == ("jobs", "POST") else 200


class Elsewhere:
    """The ASGI endpoint of paths that this port doesn't serve: each request is 404, in the form of control calls."""

    def __init__(self, detail: str) -> None:
        self._detail = detail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(self._refuse, scope, receive, send)

    async def _refuse(self, request: HttpRequest, raw: bytes) -> tuple[Any, int]:
        raise Problem(404, self._detail)


async def _answer(
    handle: Callable[[HttpRequest, bytes], Awaitable[tuple[Any, int]]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Read a request, and send what `handle` returns, or the problem document of what it raises."""
    body = await read_body(receive)
    if body is None:
        return
    raw, more = body
    try:
        check_length(raw)
        response = await response_of(*await handle(HttpRequest(scope), raw))
    except Problem as problem:
        response = document(problem)
    except JobmockError as error:
        response = document(problem_of(error))
    if more:
        await refuse_rest(response.status_code, tuple(response.raw_headers), bytes(response.body), receive, send)
    else:
        await response(scope, receive, send)
