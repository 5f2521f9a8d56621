"""Servers that repeat constant answers: `python -m tests.benchmarks.constant_servers KIND FOLDER PORT`."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any


def answers(folder: Path) -> dict[str, bytes]:
    """Return the answers' bodies by path."""
    listed = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return {one["path"]: (folder / one["file"]).read_bytes() for one in listed}


def bare(folder: Path, port: int) -> None:
    """Serve a bare ASGI callable on uvicorn, with constant bodies and headers."""
    ready = {
        path: (
            {"type": "http.response.start", "status": 200, "headers": [
                (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)),
            ]},
            {"type": "http.response.body", "body": body},
        )
        for path, body in answers(folder).items()
    }  # fmt: skip

    async def app(scope: Any, receive: Any, send: Any) -> None:
        head, body = ready[scope["path"]]
        await send(head)
        await send(body)

    _serve(app, port)


def starlette(folder: Path, port: int) -> None:
    """Serve a bare Starlette application with a `Route` for each API and a `Response` with a constant body."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    ready = answers(folder)

    async def status(request: Request) -> Response:
        return Response(ready[request.url.path], media_type="application/json")

    parents = sorted({path.rpartition("/")[0] for path in ready})
    _serve(Starlette(routes=[Route(f"{parent}/{{job}}", status) for parent in parents]), port)


def httpserver(folder: Path, port: int) -> None:
    """Serve with pytest-httpserver, with all answers registered before."""
    from pytest_httpserver import HTTPServer

    server = HTTPServer(port=port)
    for path, body in answers(folder).items():
        server.expect_request(path).respond_with_data(body, content_type="application/json")
    server.start()
    threading.Event().wait()


def _serve(app: Any, port: int) -> None:
    import uvicorn

    uvicorn.run(
        app, port=port, http="httptools", loop="uvloop", log_config=None, access_log=False, lifespan="off", ws="none",
    )  # fmt: skip


if __name__ == "__main__":
    {"bare": bare, "starlette": starlette, "httpserver": httpserver}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
