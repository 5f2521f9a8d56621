"""A live host that puts secrets into everything, and a search for them in all files on disk."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from tests.recording.forms import FORMS, saved
from tests.support import EPOCH, JOBS

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.models import Reply, Request
from jobmock.recording.file_recorder import FileRecorder
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.proxy import Proxy
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder
from jobmock.recording.upstream import Upstream
from jobmock.service.service import Service

_FIRST = ("Rosalind", "Tadeusz", "Ngozi", "Björk", "Yılmaz", "Zoë")
_STATUSES = (200, 302, 400, 404, 418, 429, 500, 503)
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "deflate": zlib.compress, "br": lambda body: b"\x0b" + body, "identity": lambda body: body,
}  # fmt: skip


LET_THROUGH = "eta_seconds"
"""The name of a member that a recording from files may keep. Its value may not be kept."""


class Secrets:
    """Names and tokens, each different, and the ways in which they could be written."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.all: list[str] = []

    def new(self) -> str:
        """Return a secret: a name, a token, a word like a status, an address, a long number."""
        mark = f"{self._rng.getrandbits(48):012x}"
        forms = (
            f"{self._rng.choice(_FIRST)} Q{mark}", f"tok{mark}", f"state_{mark}", f"q{mark}@mail.invalid",
            f"49{self._rng.randrange(10**11, 10**12)}", f"/in/q{mark}?k={mark}",
        )  # fmt: skip
        self.all.append(self._rng.choice(forms))
        return self.all[-1]

    def found(self, data: bytes) -> Iterator[str]:
        """Yield the secrets that are in the data, in any of the usual encodings."""
        for secret in self.all:
            if any(form in data for form in spellings(secret)):
                yield secret


def spellings(secret: str) -> set[bytes]:
    """Return the forms of a secret: as text, in JSON, in a URL, in hex, and in base64 at any offset."""
    raw = secret.encode()
    plain = {raw, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode(), quote(secret).encode()}
    plain |= {raw.lower(), raw.upper(), raw.hex().encode(), secret.encode("utf-16-le"), raw[::-1]}
    coded = {base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    return plain | {form for form in coded if len(form) >= 8}


def on_disk(folder: Path) -> Iterator[bytes]:
    """Yield the name and content of every file in a folder, and all compressed content in it."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)).encode()
        if path.is_file():
            content = path.read_bytes()
            yield content
            yield from _inflated(content)


def _inflated(content: bytes) -> Iterator[bytes]:
    for magic, bits in ((b"\x1f\x8b", 31), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        place = content.find(magic)
        while place >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(content[place:], 1 << 20)
            place = content.find(magic, place + 1)


class HostileHost:
    """Answers as a mock does, with secrets planted in everything."""

    def __init__(self, plan: Plan, catalogue: Catalogue, clock: Clock, rng: Random, secrets: Secrets) -> None:
        self._rng, self._secrets = rng, secrets
        plans = {plan.scenario.api: plan}
        self._service = Service(catalogue, Namespaces(clock=lambda: clock), plans=plans)
        self._ids: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.partition(b"?")[0]
        for own, planted in self._ids.items():
            path = path.replace(quote(planted, safe="").encode(), own.encode())
        headers = ((b"authorization", request.headers.get("authorization", "").encode()),)
        reply = self._service.handle(Request(request.method, path, b"", headers, request.content))
        if reply.fault and self._rng.random() < 0.5:
            raise httpx.ReadError(self._secrets.new(), request=request)
        return self._answer(reply)

    def planted_id(self, body: dict[str, Any]) -> str | None:
        """Return the secret that replaces a new job's id."""
        for member in ("job_id", "request_id"):
            if member in body:
                return self._ids.setdefault(str(body[member]), self._secrets.new())
        return None

    def _answer(self, reply: Reply) -> httpx.Response:
        headers = [(self._name(), self._secrets.new()), ("set-cookie", f"sid={self._secrets.new()}")]
        headers = [(name, value.encode("utf-8").decode("latin-1")) for name, value in headers]
        secret = quote(self._secrets.new(), safe="")
        odd = ["text/html", f"text/{self._name()}", f"application/{secret}+json", f"application/json; charset={secret}"]
        kind = self._rng.choice(["application/json"] * 8 + odd)
        headers.append(("content-type", kind))
        if self._rng.random() < 0.2:
            waits = ["7", self._secrets.new(), "Wed, 21 Oct 2026 07:28:00 GMT"]
            headers.append(("retry-after", self._rng.choice(waits).encode().decode("latin-1")))
        status = reply.status if self._rng.random() < 0.9 else self._rng.choice(_STATUSES)
        encoding = self._rng.choice(list(_ENCODINGS))
        body = _ENCODINGS[encoding](self._body(reply))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        raw += [(b"content-encoding", encoding.encode())]
        if self._rng.random() < 0.7:
            raw.append((b"content-length", b"%d" % len(body)))
        return httpx.Response(status, headers=raw, stream=httpx.ByteStream(body))

    def _name(self) -> str:
        return f"x-q{self._rng.getrandbits(40):x}"

    def _body(self, reply: Reply) -> bytes:
        try:
            data = json.loads(reply.body)
        except ValueError:
            return self._secrets.new().encode() * self._rng.randrange(1, 4)
        if isinstance(data, dict):
            planted = self.planted_id(data)
            data = self._planted(data)
            for member in ("job_id", "request_id"):
                if planted and member in data:
                    data[member] = planted
        text = json.dumps(data, ensure_ascii=self._rng.random() < 0.5)
        return text[: len(text) // 2].encode() if self._rng.random() < 0.1 else text.encode()

    def _planted(self, value: Any) -> Any:
        """Replace texts by secrets, add members with secret names, and sometimes replace other values."""
        if isinstance(value, dict):
            changed = {key: self._planted(inner) for key, inner in value.items() if self._rng.random() < 0.97}
            if self._rng.random() < 0.3:
                new = self._rng.choice((LET_THROUGH, self._secrets.new()))
                changed[new] = self._rng.choice((self._secrets.new(), {self._secrets.new(): [self._secrets.new()]}))
            return changed
        if isinstance(value, list):
            more = [self._secrets.new()] if self._rng.random() < 0.1 else []
            return [self._planted(item) for item in value[:3]] + more
        if isinstance(value, str):
            return self._secrets.new() if self._rng.random() < 0.6 else value
        if isinstance(value, bool) or value is None or self._rng.random() < 0.9:
            return value
        secret = self._secrets.new()
        return int(secret) if secret.isdigit() else secret


class Connection:
    """A stand-in for the server's `send` and its transport. It keeps what is sent to the client."""

    def __init__(self) -> None:
        self.transport, self.body, self.over = self, b"", asyncio.Event()

    async def send(self, message: Any) -> None:
        self.body += message.get("body", b"")

    async def receive(self) -> dict[str, Any]:
        await self.over.wait()
        return {"type": "http.disconnect"}

    def abort(self) -> None:
        self.over.set()

    close = abort
    write = staticmethod(lambda data: None)
    get_write_buffer_size = staticmethod(lambda: 0)

    def is_closing(self) -> bool:
        """End the wait for the connection's end, because there is no socket."""
        self.over.set()
        return True

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return the default, because nothing is known of this connection."""
        return default


class _Keeping:
    """A recorder that keeps the exchanges which it passes on."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder, self.seen = recorder, list[RawExchange]()

    def record(self, raw: RawExchange) -> None:
        self.seen.append(raw)
        self._recorder.record(raw)


class HostileRecording(NamedTuple):
    """The secrets of a hostile host, the warnings of the recorder, and the exchanges, which hold the secrets."""

    secrets: Secrets
    warnings: list[str]
    seen: list[RawExchange]


def record_from_file(seen: Sequence[RawExchange], form: str, folder: Path) -> list[str]:
    """Record exchanges from a file of a form, which isn't in the folder of the recording; return the warnings."""
    warnings = list[str]()
    scenarios, lines = ScenarioFolder(folder, warnings.append), LinesFile(folder / "seen.jsonl", warnings.append)
    recorder = FileRecorder(scenarios, warnings.append, lines=lines, members=[LET_THROUGH])
    with TemporaryDirectory() as place:
        recorder.read(saved(Path(place) / "traffic", FORMS[form](seen)))
        recorder.close()
    return [*warnings, *recorder.left_out]


async def record_hostile_job(plan: Plan, catalogue: Catalogue, folder: Path, rng: Random) -> HostileRecording:
    """Record a job of a hostile host, with secrets in the requests too."""
    api, clock = apis.load(plan.scenario.api), Clock("manual", start=EPOCH)
    secrets, warnings = Secrets(rng), list[str]()
    host = HostileHost(plan, catalogue, clock, rng, secrets)
    lines = LinesFile(folder / "seen.jsonl", warnings.append)
    recorder = Recorder(api, ScenarioFolder(folder, warnings.append), warnings.append, lines=lines, catalogue=catalogue)
    keeping = _Keeping(recorder)
    proxy = Proxy(api, Upstream("http://live.invalid", httpx.MockTransport(host)), keeping, clock)
    key, job = f"{api.prefix}{secrets.new().replace(' ', '_')}".encode("ascii", "ignore").decode(), "unmade"
    secrets.all.append(key)

    async def ask(method: str, path: str, body: Any = None) -> bytes:
        connection, raw = Connection(), b"" if body is None else json.dumps(body).encode()
        messages = [{"type": "http.request", "body": raw}]

        async def receive() -> Any:
            return messages.pop() if messages else await connection.receive()

        headers = [
            (b"authorization", f"Bearer {key}".encode()), (b"cookie", secrets.new().encode()),
            (b"accept-encoding", b"gzip, deflate, br"), (b"content-length", b"%d" % len(raw)),
        ]  # fmt: skip
        query = f"page=1&page_size={secrets.new()}&token={quote(secrets.new())}".encode()
        scope = {"method": method, "raw_path": path.encode(), "query_string": query, "headers": headers, "type": "http"}
        await asyncio.wait_for(proxy(scope, receive, connection.send), 20)
        return connection.body

    body = {**api.reference_client().start(None), "email": secrets.new(), "query": secrets.new()}
    body[secrets.new()] = secrets.new()
    for number in range(rng.randrange(4, 12)):
        answer = await ask("POST", JOBS[api.name], body) if number < 2 else b""
        for own in host._ids.values() if answer else ():
            job = own
        clock.advance(rng.choice([0, SECOND // 3, 5 * SECOND]))
        await ask("GET", f"{JOBS[api.name]}/{quote(job, safe='')}")
        if rng.random() < 0.2:
            await ask("GET", f"/{secrets.new().replace(' ', '')}")
    recorder.wait()
    return HostileRecording(secrets, warnings, keeping.seen)
