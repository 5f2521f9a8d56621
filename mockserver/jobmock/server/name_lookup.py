"""Looks names up in threads of their own, which the end of a process doesn't wait for."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any


async def look_up(host: Any, port: Any, **more: Any) -> Any:
    """Return what `socket.getaddrinfo` returns. Raises OSError.

    The pool of an event loop is joined when the process ends, so one slow look-up would delay that.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Any] = loop.create_future()

    def finish(result: Any, error: BaseException | None) -> None:
        if not found.done():
            found.set_result(result) if error is None else found.set_exception(error)

    def run() -> None:
        result, failed = None, None
        try:
            result = socket.getaddrinfo(host, port, **more)
        except (OSError, UnicodeError) as error:
            failed = error if isinstance(error, OSError) else OSError(f"{host!r} is no name of a host")
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(finish, result, failed)

    thread = threading.Thread(target=run, name="jobmock-look-up", daemon=True)
    thread.outside_virtual_time = True  # type: ignore[attr-defined]
    thread.start()
    return await found
