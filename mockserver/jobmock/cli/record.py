"""`jobmock record`: a proxy before the live API that records its jobs as scenarios."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from .. import apis
from . import logs

_log = logging.getLogger("jobmock")
_NOT_WRITTEN = 3


@click.command()
@click.option("--api", "name", required=True, type=click.Choice(apis.names()), help="The API that is recorded.")
@click.option("--to", "target", metavar="URL", help="Base URL of the live API, if not at its usual host.")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for scenarios.")
@click.option("--port", default=8088, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--exchanges", type=click.Path(path_type=Path), metavar="FILE", help="Write JSON Lines of exchanges too.")
@click.option("--word", "words", multiple=True, metavar="WORD", help="Let a word through that no document lists.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    name: str, target: str | None, output: Path, port: int, exchanges: Path | None, words: tuple[str, ...],
    log_format: str,
) -> int:  # fmt: skip
    """Pass requests on to the live API and write each job as a scenario, until SIGTERM. Nothing real is written."""
    logs.to_stderr(log_format)
    from ..clock import Clock
    from ..errors import UsageError
    from ..recording.files import LinesFile, ScenarioFolder
    from ..recording.proxy import Proxy
    from ..recording.recorder import Recorder
    from ..recording.upstream import Upstream
    from ..server.listeners import address, bound_socket
    from ..server.serving import Port, serve
    from .ready_line import print_ready_line

    if not all(words):
        raise UsageError("--word is empty. Name a word that may be written down, such as a status.")
    api = apis.load(name)
    upstream = Upstream(target or f"https://{api.host}")
    listener = bound_socket("127.0.0.1", port)
    try:
        if upstream.is_at(*address(listener)[:2]):
            raise UsageError(f"--to {target!r} is where the recorder itself listens. Name the live API's own address.")
        folder = ScenarioFolder(output, _log.warning)
        lines = LinesFile(exchanges, _log.warning) if exchanges else None
        recorder = Recorder(api, folder, _log.warning, lines=lines, words=words)
        proxy = Proxy(api, upstream, recorder, Clock())
        code = serve(Port(proxy, listener), lambda: print_ready_line(listener))
        return code if recorder.close() else code or _NOT_WRITTEN
    finally:
        listener.close()
