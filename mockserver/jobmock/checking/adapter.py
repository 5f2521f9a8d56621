"""An adapter for `requests` that judges the answers: `session.mount("https://", contract.adapter())`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ..errors import UsageError
from .exchange import LiveExchange


def validating_adapter(judge: Callable[[LiveExchange], None], settings: Mapping[str, Any]) -> Any:
    """Return an adapter that gives each exchange to `judge`. Raises UsageError if requests isn't installed."""
    adapter = _adapter_class()(**settings)
    adapter.judge = judge
    return adapter


@cache
def _adapter_class() -> Any:
    try:
        from requests.adapters import HTTPAdapter
    except ImportError:
        raise UsageError("An adapter for requests needs requests, which isn't installed.") from None

    class ValidatingAdapter(HTTPAdapter):
        """Reads each answer to its end and judges it. Clients that stream get it then."""

        judge: Callable[[LiveExchange], None]

        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            at = time.time_ns()
            response = super().send(request, *args, **kwargs)
            self.judge(_exchange(request, response, at))
            return response

    return ValidatingAdapter


def _exchange(request: Any, response: Any, at: int) -> LiveExchange:
    url = urlsplit(request.url)
    return LiveExchange(
        at=at, method=request.method, path=url.path, query=url.query, status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()}, body=response.content,
        arrived=time.time_ns(),
    )  # fmt: skip
