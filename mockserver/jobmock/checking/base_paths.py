"""Operations of requests that a proxy got: its own base path is before the path of the operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..dialect.api import Api, Operation
from ..dialect.routing import Routes
from ..errors import UsageError
from ..models import Request
from .messages import is_word

_MOST_SEGMENTS = 4
_SURE = ("start", "status")
"""The operations by which a base path is guessed. Their paths are long enough to be no other API's."""
Found = tuple[Api, Operation | None, Mapping[str, str]]
"""The API, the operation (None if there is none), and the ids in the path."""


class BasePaths:
    """Finds the operation of a path: as it is, below one of the given base paths, or below a guessed one.

    Without given ones, a base path is guessed from the first request of an API, and holds for all that follow. Raises
    UsageError for a base path that isn't one.
    """

    def __init__(self, apis: tuple[Api, ...], given: Iterable[str] = ()) -> None:
        self._routes, self._given = Routes(apis), tuple(map(_base_path, given))
        self._guessed = dict[str, str]()

    @property
    def guessed(self) -> dict[str, str]:
        """The guessed base path of each API, empty if requests come without one."""
        return {api: base for api, base in self._guessed.items() if base}

    def forget(self) -> None:
        """Forget what was guessed: another source follows."""
        self._guessed = {}

    def find(self, method: str, path: str) -> Found:
        """Return the API, the operation and the ids in the path of a request."""
        api, operation, params = self._find(method, path)
        if operation is not None:
            if operation.name in _SURE:
                self._guessed.setdefault(api.name, "")
            return api, operation, params
        for base in self._given or {*self.guessed.values()}:
            if path.startswith(f"{base}/"):
                below = self._find(method, path[len(base) :])
                if below[1] is not None:
                    return below
        return self._guess(method, path) or (api, None, params)

    def _guess(self, method: str, path: str) -> Found | None:
        """Return the operation below the base path that is guessed from this request; None if there is none."""
        first, *parts = path.split("/")
        for count in range(1, min(len(parts), _MOST_SEGMENTS + 1)) if not self._given and not first else ():
            if not is_word(parts[count - 1]):
                return None
            api, operation, params = self._find(method, "/" + "/".join(parts[count:]))
            if operation is not None and operation.name in _SURE and api.name not in self._guessed:
                self._guessed[api.name] = "/" + "/".join(parts[:count])
                return api, operation, params
        return None

    def _find(self, method: str, path: str) -> Found:
        return self._routes.find(Request(method, path.encode("utf-8", "replace"), b""))


def _base_path(text: str) -> str:
    """Return a base path without a slash at its end. Raises UsageError."""
    base = text.rstrip("/")
    if not base.startswith("/") or "?" in base or "#" in base:
        raise UsageError(f"{text!r} is no base path. It begins with a slash, and is before the API's paths: /proxy.")
    return base
