"""A local HTTP server of the files in a folder."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def _nothing(name: str) -> None:
    """Do nothing before a file is sent."""


@contextmanager
def serving(folder: Path, before: Callable[[str], None] = _nothing, *, most: int | None = None) -> Iterator[str]:
    """Serve a folder, and yield its URL. `before` is called with the name of each file before it is sent.

    A connection is cut after so many bytes of a file, if there is a limit.
    """
    handler = partial(_Handler, directory=str(folder), before=before, most=most)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(SimpleHTTPRequestHandler):
    """It sends no parts of files, and ends each connection after one file."""

    def __init__(self, *args: Any, before: Callable[[str], None], most: int | None, **more: Any) -> None:
        self._before, self._most = before, most
        super().__init__(*args, **more)

    def do_GET(self) -> None:
        self._before(self.path.removeprefix("/").partition("?")[0])
        super().do_GET()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send the file, or a part of it."""
        with suppress(ConnectionError):  # a reader needs the beginning only
            super().copyfile(source if self._most is None else io.BytesIO(source.read(self._most)), outputfile)

    def log_message(self, *args: Any) -> None:
        """Print nothing."""
