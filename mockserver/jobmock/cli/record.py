"""`jobmock record`: a proxy before the live API that records its jobs as scenarios, or the same from recorded files."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import apis
from ..errors import UsageError
from . import file_source, logs
from .file_source import recorded_file

if TYPE_CHECKING:
    from ..checking.distribution.checked_file import File
    from ..checking.selection import Selection
    from ..recording.file_recorder import FileRecorder

_log = logging.getLogger("jobmock")
_NOT_WRITTEN = 3
_PORT = 8088
_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("more_files", nargs=-1, type=recorded_file, metavar="[FILE]...")
@click.option("--from", "first_files", multiple=True, type=recorded_file, metavar="FILE",
              help="Record from this file and not from a live API: HAR, VCR cassette, JSON Lines of exchanges. "
                   "May be given again; more FILEs may follow.")  # fmt: skip
@click.option("--api", "name", type=click.Choice(apis.names()), help="The API that is recorded. All, with --from.")
@click.option("--to", "target", metavar="URL", help="Base URL of the live API, if not at its usual host.")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for scenarios.")
@click.option("--port", type=click.IntRange(0, 65535), help=f"0 takes a free one.  [default: {_PORT}]")
@click.option("--exchanges", type=click.Path(path_type=Path), metavar="FILE", help="Write JSON Lines of exchanges too.")
@click.option("--word", "words", multiple=True, metavar="WORD", help="Let a word through that no document lists.")
@click.option("--member", "members", multiple=True, metavar="NAME",
              help="Let the name of a member through that no document lists.")  # fmt: skip
@file_source.selection_options
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    more_files: tuple[File, ...], first_files: tuple[File, ...], name: str | None, target: str | None, output: Path,
    port: int | None, exchanges: Path | None, words: tuple[str, ...], members: tuple[str, ...],
    base_paths: tuple[str, ...], log_format: str, **chosen: str | None,
) -> int:  # fmt: skip
    """Pass requests on to the live API and write each job as a scenario, until SIGTERM; or read them --from files.

    Nothing real is written.
    """
    logs.to_stderr(log_format)
    if not all(words):
        raise UsageError("--word is empty. Name a word that may be written down, such as a status.")
    if not all(members):
        raise UsageError("--member is empty. Name a member of an answer.")
    if first_files:
        if target is not None or port is not None:
            raise UsageError("--to and --port are for a live API, and --from names files. Give the one or the other.")
        files, selection = (*first_files, *more_files), file_source.selection(**chosen)
        return _record_files(files, name, output, exchanges, words, members, base_paths, selection)
    if more_files:
        raise UsageError(f"To record from {str(more_files[0])!r}, say --from {str(more_files[0])!r}.")
    for option, value in chosen.items():
        if value is not None:
            raise UsageError(f"--{option.replace('_', '-')} is for recorded files. Give them with --from.")
    if name is None:
        raise UsageError(f"--api is missing, or --from with a recorded file. Allowed: {', '.join(apis.names())}.")
    return _record_live(name, target, output, _PORT if port is None else port, exchanges, words, members)


def _record_live(
    name: str, target: str | None, output: Path, port: int, exchanges: Path | None, words: tuple[str, ...],
    members: tuple[str, ...],
) -> int:  # fmt: skip
    """Record what the proxy sees, until SIGTERM; return the exit code."""
    from ..clock import Clock
    from ..recording.files import LinesFile, ScenarioFolder
    from ..recording.proxy import Proxy
    from ..recording.recorder import Recorder
    from ..recording.upstream import Upstream
    from ..server.listeners import address, bound_socket
    from ..server.serving import Port, serve
    from .ready_line import print_ready_line

    api = apis.load(name)
    upstream = Upstream(target or f"https://{api.host}")
    listener = bound_socket("127.0.0.1", port)
    try:
        if upstream.is_at(*address(listener)[:2]):
            raise UsageError(f"--to {target!r} is where the recorder itself listens. Name the live API's own address.")
        folder = ScenarioFolder(output, _log.warning)
        lines = LinesFile(exchanges, _log.warning) if exchanges else None
        recorder = Recorder(api, folder, _log.warning, lines=lines, words=words, members=members)
        proxy = Proxy(api, upstream, recorder, Clock())
        code = serve(Port(proxy, listener), lambda: print_ready_line(listener))
        return code if recorder.close() else code or _NOT_WRITTEN
    finally:
        listener.close()


def _record_files(
    files: tuple[File, ...], name: str | None, output: Path, exchanges: Path | None, words: tuple[str, ...],
    members: tuple[str, ...], base_paths: tuple[str, ...], selection: Selection,
) -> int:  # fmt: skip
    """Record the exchanges of the files; return the exit code. What could be read before an error is written."""
    from ..checking.readers.named_files import matching
    from ..recording.file_recorder import FileRecorder
    from ..recording.files import LinesFile, ScenarioFolder

    files = tuple(one for file in files for one in matching(file))
    for path in files:
        if isinstance(path, Path) and not path.exists():
            raise UsageError(f"--from {str(path)!r}: there is no such file.")
    folder = ScenarioFolder(output, _log.warning)
    lines = LinesFile(exchanges, _log.warning) if exchanges else None
    api = apis.load(name) if name else None
    recorder, failure = FileRecorder(
        folder, _log.warning, api=api, lines=lines, words=words, members=members, base_paths=base_paths,
        selection=selection,
    ), None  # fmt: skip
    for path in files:
        try:
            recorder.read(path)
        except UsageError as error:
            failure = failure or error
        file_source.tell_guesses(path, recorder.guessed_base_paths)
    complete = recorder.close()
    if failure and not recorder.recorded:
        raise failure
    _print_written(recorder)
    if failure:
        raise failure
    return 0 if complete else _NOT_WRITTEN


def _print_written(recorder: FileRecorder) -> None:
    """Print what was written and left out. Raises UsageError if there was nothing to record."""
    left = ", ".join(f"{count} × {what}" for what, count in recorder.left_out.items())
    if not recorder.recorded:
        raise UsageError(f"No exchange of an API was found, so nothing is written. Left out: {left or 'nothing'}.")
    for one in recorder.written:
        click.echo(f"{one.path}: {one.summary} {one.exchanges} exchange{'s' * (one.exchanges != 1)}.")
    if left:
        click.echo(f"Left out: {left}.", err=True)
