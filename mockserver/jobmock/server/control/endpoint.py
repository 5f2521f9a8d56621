"""The endpoint of the control API: it checks the token, finds the call and the namespace, and answers in JSON."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ... import apis
from ...dialect.answers import Refused
from ...engine.headers import bearer, is_key
from ...engine.namespace import Namespace
from ...errors import JobmockError, ScenarioError, hint
from ...service.service import Service
from ..held_answers import HeldAnswers
from .calls import Calls
from .fields import Problem, as_object, document, raw_body


class Control:
    """The ASGI endpoint of the control calls of one service."""

    def __init__(self, service: Service, held_answers: HeldAnswers, token: str | None = None) -> None:
        self._service, self._held_answers = service, held_answers
        self._token = token
        self._calls = Calls(service, held_answers).table

    def routes(self) -> list[Route]:
        """Return the routes, relative to `/__jobmock`."""
        return [Route("/{call:path}", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        try:
            response: Response = JSONResponse(*self._handle(request, await raw_body(request)))
        except ClientDisconnect:
            return
        except Problem as problem:
            response = document(problem)
        await response(scope, receive, send)

    def _handle(self, request: HttpRequest, raw: bytes) -> tuple[Any, int]:
        name = request.path_params["call"]
        methods = self._calls.get(name)
        if methods is None:
            known = ", ".join(self._calls)
            raise Problem(404, f"There is no control call {name!r}. Calls: {known}.{hint(name, self._calls)}")
        call = methods.get("GET" if request.method == "HEAD" else request.method)
        if call is None:
            allowed = ", ".join(methods)
            raise Problem(405, f"{name!r} has {allowed} only, not {request.method}.", headers={"allow": allowed})
        if self._token and name not in ("health", "ready") and not self._has_token(request):
            raise Problem(403, "Control calls of this server need its token: send it in X-Jobmock-Token.")
        try:
            query = request.query_params if request.method in ("GET", "HEAD") else {}
            answer = call(self._namespace(request), {**query, **as_object(raw)})
        except ScenarioError as error:
            problems = [{"where": problem.where, "detail": problem.message} for problem in error.problems]
            raise Problem(400, str(error), errors=problems) from None
        except JobmockError as error:
            raise Problem(400, str(error)) from None
        return answer, 201 if (name, request.method) == ("jobs", "POST") else 200

    def _has_token(self, request: HttpRequest) -> bool:
        sent = request.headers.get("x-jobmock-token", "")
        return compare_digest(sent.encode(), (self._token or "").encode())

    def _namespace(self, request: HttpRequest) -> Namespace | None:
        """Return the namespace of the call's key, which is opened if it is new; None without a key."""
        header = request.headers.get("authorization")
        if header is None:
            return None
        token = bearer(header.encode("latin-1")) or ""
        api = next((api for api in apis.all_apis() if is_key(token, api.prefix)), None)
        if api is None:
            raise Problem(400, f"No API has such a key. Prefixes: {', '.join(api.prefix for api in apis.all_apis())}.")
        try:
            return self._service.namespace(api, api.authorize(header.encode("latin-1"), None))
        except Refused as refused:
            if token in api.reserved:
                raise Problem(400, f"This key is reserved ({api.reserved[token]}) and opens no namespace.") from None
            raise Problem(400, refused.text or api.errors[refused.name][1]) from None
