"""The endpoint of the control API, which checks a call, finds its namespace, and answers in JSON; and one for 404s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from ...engine.namespace import Namespace
from ...errors import JobmockError, hint, short_repr
from ...service.service import Service
from ...version import __version__
from ..handling_times import HandlingTimes
from ..held_answers import HeldAnswers
from ..off_loop import off_loop
from ..request_bodies import read_body, refuse_rest
from .access import OPEN_CALLS, Access
from .calls import call_table
from .fields import Problem, as_object, check_length, check_type, document, problem_of
from .formats import wants_text
from .long_calls import response_of
from .namespaces import namespace_of
from .reading_calls import READS_WITHOUT_KEY
from .selection import WITHOUT_KEY, is_without_key, selected

_MAX_PARSED_ON_LOOP = 64 << 10
_HEADERS = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin"}


class Control:
    """The ASGI endpoint of the control calls of one service."""

    def __init__(
        self, service: Service, held_answers: HeldAnswers, access: Access, others: Iterable[str] = (),
        handling_times: HandlingTimes | None = None,
    ) -> None:  # fmt: skip
        """`others` are the names of calls that have endpoints of their own. The call without a name lists them all."""
        self._service, self._held_answers, self._others = service, held_answers, others
        self._access = access
        self._calls = call_table(service, held_answers, handling_times)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._held_answers.control_calls += 1
        try:
            await _answer(self._handle, scope, receive, send)
        finally:
            self._held_answers.control_calls -= 1

    async def _handle(self, request: HttpRequest, raw: bytes) -> tuple[Any, int]:
        name = request.path_params["call"]
        self._access.check(name, request.headers, request.url.scheme)
        if not name and request.method in ("GET", "HEAD"):
            return {"version": __version__, "calls": [*self._calls, *self._others]}, 200
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
        query = _query(request) if request.method in ("GET", "HEAD") else {}
        given = {**query, **body}
        namespace = None if name in OPEN_CALLS else self._namespace(name, request, given)
        if wants_text(name, request.method, given, request.headers):
            given["format"] = "text"
        answer = call(namespace, given)
        return answer, 201 if (name, request.method) == ("jobs", "POST") else 200

    def _namespace(self, call: str, request: HttpRequest, given: dict[str, Any]) -> Namespace | None:
        """Return the namespace of a call's key, or the one that its `namespace` names, which is taken out of `given`.

        None for all namespaces. `without-key` stays there for the calls that know it. Raises Problem.
        """
        own = namespace_of(self._service, request.headers.get("authorization"))
        if own is None and is_without_key(given):
            if call not in READS_WITHOUT_KEY or request.method not in ("GET", "HEAD"):
                raise Problem(400, f"{WITHOUT_KEY!r} is only for GET of: {', '.join(READS_WITHOUT_KEY)}.")
            return None
        return selected(self._service.namespaces, own, given.pop("namespace", None))


def _query(request: HttpRequest) -> dict[str, str]:
    """Return the fields of a query. Raises Problem if one is given twice."""
    query = dict(request.query_params)
    for name in query:
        if len(request.query_params.getlist(name)) > 1:
            raise Problem(400, f"The field {short_repr(name)} is given twice.")
    return query


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
    response.headers.update(_HEADERS)
    if more:
        await refuse_rest(response.status_code, tuple(response.raw_headers), bytes(response.body), receive, send)
    else:
        await response(scope, receive, send)
