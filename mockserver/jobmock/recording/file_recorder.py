"""Records exchanges that lie in files: HAR, cassettes, JSON Lines. They pass the same allow-list as those of the proxy.

Times are those of the traffic: a recorder knows no other clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from urllib.parse import quote

from .. import apis
from ..catalogue import Catalogue
from ..checking.base_paths import BasePaths
from ..checking.exchange import LiveExchange, Source
from ..checking.readers import open_recording
from ..checking.readers.named_files import RemoteFile
from ..checking.received_answer import received_answer
from ..checking.selection import ALL, Selection
from ..dialect.api import Api, Operation
from ..models import Request
from .files import LinesFile, ScenarioFolder
from .raw_exchange import NETWORK_FAULTS, RawExchange
from .recorder import Recorder
from .scenario_writer import WrittenScenario

_OTHER_REQUEST = "request to another path"
"""Its path isn't named: it may hold somebody's data, and nothing real is written."""


class FileRecorder:
    """Records the exchanges of files into a folder of scenarios: those of one API, or of all APIs.

    `base_paths` are paths of a proxy, which come before those of the API; without them, one is guessed. `selection`
    says which exchanges are recorded. The other arguments are those of a Recorder. `left_out` counts the exchanges that
    aren't recorded, by reason.
    """

    def __init__(
        self, folder: ScenarioFolder, warn: Callable[[str], None], *, api: Api | None = None,
        lines: LinesFile | None = None, words: Iterable[str] = (), members: Iterable[str] = (),
        base_paths: Iterable[str] = (), selection: Selection = ALL,
    ) -> None:  # fmt: skip
        chosen, catalogue, numbers = (api,) if api else apis.all_apis(), Catalogue(), count(1)
        self._paths, self._selection = BasePaths(chosen, base_paths), selection
        self._recorders = {
            one.name: Recorder(
                one, folder, warn, lines=lines, words=words, members=members, catalogue=catalogue, numbers=numbers,
            )
            for one in chosen
        }  # fmt: skip
        self.recorded = 0
        self.left_out: Counter[str] = Counter()

    @property
    def guessed_base_paths(self) -> Mapping[str, str]:
        """The base path of each API before its own paths, if one was guessed in the last file."""
        return self._paths.guessed

    @property
    def written(self) -> list[WrittenScenario]:
        """The scenarios that were written, by the numbers of their jobs."""
        return sorted(one for recorder in self._recorders.values() for one in recorder.written)

    def read(self, path: Path | RemoteFile) -> None:
        """Record the exchanges of a file; `close` writes their scenarios. Raises UsageError, also after some of them.

        A job whose id was in an earlier file goes on.
        """
        self._paths.forget()
        for exchange in open_recording(path, leave_out=self._leave_out).exchanges:
            self._add(exchange)

    def close(self) -> bool:
        """Write all that isn't written yet; return whether everything could be written."""
        closed = [recorder.close() for recorder in self._recorders.values()]
        return all(closed)

    def _leave_out(self, source: Source, reason: str) -> None:
        self.left_out[f"odd entry ({reason})"] += 1

    def _add(self, exchange: LiveExchange) -> None:
        method = exchange.method.upper()
        api, operation, params = self._paths.find(method, exchange.path)
        if operation is None:
            self.left_out[_OTHER_REQUEST] += 1
        elif reason := self._selection.why_left_out(received_answer(api, operation, params, exchange)):
            self.left_out[f"{method} {operation.path}, {reason}"] += 1
        elif exchange.unread:
            self.left_out[f"{method} {operation.path}, {exchange.unread}"] += 1
        else:
            self.recorded += 1
            request = Request(method, _path(operation, params), exchange.query.encode())
            self._recorders[api.name].add(_raw_exchange(exchange, request, api))


def _path(operation: Operation, params: Mapping[str, str]) -> bytes:
    """Return the path of a request without a base path."""
    parts = [quote(params[part[1:-1]], safe="") if part[:1] == "{" else part for part in operation.path.split("/")]
    return "/".join(parts).encode()


def _raw_exchange(exchange: LiveExchange, request: Request, api: Api) -> RawExchange:
    """Return an exchange as the proxy would have seen it. Files seldom have the key, so it gets one."""
    took = exchange.answered_at - exchange.at if exchange.waited < 0 else exchange.waited
    sent = request._replace(headers=api.credential.headers(api.key("recorded")), body=exchange.sent)
    fault = exchange.broken.rpartition(" ")[2]
    if exchange.status <= 0 or fault in NETWORK_FAULTS:
        name = fault if fault in NETWORK_FAULTS else "before_response"
        return RawExchange(at=exchange.at, request=sent, took=took, network_fault=name)
    return RawExchange(
        at=exchange.at, request=sent, took=took, status=exchange.status, headers=exchange.headers, body=exchange.body,
    )  # fmt: skip
