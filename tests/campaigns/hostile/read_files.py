"""Every command that reads a file gets hostile ones: it ends in time, with words and no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from tests.checking.readers.hostile_inputs import READERS, TEXTS, VALUES, content
from tests.forking import PARENT
from tests.support import HANGS

from jobmock.server.listeners import bound_socket

_SIZES = (1_000, 30_000, 300_000)
_MOST_PRINTED = 1 << 20
_NO_JOB = ("--api", "clado", "--operation", "status")
COMMANDS: Mapping[str, Callable[[Path], tuple[str, ...]]] = {
    "lint": lambda path: ("lint", str(path)),
    "lint --format github": lambda path: ("lint", "--strict", "--format", "github", str(path)),
    "explain": lambda path: ("explain", str(path)),
    "serve --limits": lambda path: ("serve", "--limits", str(path)),
    "serve --scenario": lambda path: ("serve", "--scenario", str(path)),
    "serve --scenarios": lambda path: ("serve", "--scenarios", str(path.parent)),
    "check": lambda path: ("check", str(path)),
    "check --format sarif": lambda path: ("check", "--format", "sarif", str(path)),
    "check of bodies": lambda path: ("check", str(path), *_NO_JOB),
    "check --baseline": lambda path: ("check", "--baseline", str(path), str(path)),
    "check --start": lambda path: ("check", "--api", "clado", "--start", str(path), "--url", "http://127.0.0.1:9/"),
    "drift": lambda path: ("drift", str(path)),
}
"""Commands by how they are called. `serve` gets the port of another server, so that it ends when it has read all."""
_ODD: Mapping[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a sparse file of 2 GB": lambda path: _sparse(path, 2_000_000_000),
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
    "random bytes": lambda path: path.write_bytes(Random(7).randbytes(100_000)),
    "zeros": lambda path: path.write_bytes(bytes(100_000)),
    "UTF-16": lambda path: path.write_bytes('{"version": 1}'.encode("utf-16")),
    "a byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf{}"),
    "lone surrogates": lambda path: path.write_bytes(b'{"\xed\xa0\x80": 1}'),
    "nothing": Path.touch,
}


def read_one(seed: int, number: int, folder: Path) -> tuple[str, list[str]]:
    """Let a command read hostile file `number` of a seed; return what was read, and what must not be."""
    rng = Random(f"{seed} {number}")
    command = list(COMMANDS)[number % len(COMMANDS)]
    suffix = rng.choice((".yaml", ".json", ".har", ".jsonl"))
    place = folder / f"files-{number}"
    place.mkdir()
    path = place / f"a{suffix}"
    if rng.random() < 0.2:
        shown = rng.choice(sorted(_ODD))
        _ODD[shown](path)
    else:
        reader, shape, size = rng.choice(sorted(READERS)), rng.choice((*VALUES, *TEXTS)), rng.choice(_SIZES)
        shown = f"{shape} of {size} bytes for the reader '{reader}'"
        path.write_text(content(READERS[reader], shape, size))
    return f"jobmock {command}: {shown} in a {suffix} file", _run(COMMANDS[command](path), folder)


def _sparse(path: Path, size: int) -> None:
    path.touch()
    os.truncate(path, size)


def _run(args: tuple[str, ...], folder: Path) -> list[str]:
    with bound_socket("127.0.0.1", 0) as taken:
        port = ("--port", str(taken.getsockname()[1])) if args[0] == "serve" else ()
        try:
            ran = PARENT.run("jobmock", (*args, *port), folder, HANGS)
        except subprocess.TimeoutExpired:
            return [f"it didn't end in {HANGS:.0f} s"]
    wrong = [f"it ended with {ran.code}: {ran.err[-300:]}"] if ran.code not in (0, 1, 2, 3) else []
    wrong += [f"a traceback: {ran.err[-600:]}"] if "Traceback" in ran.err + ran.out else []
    wrong += [f"it printed {len(ran.out + ran.err)} characters"] if len(ran.out + ran.err) > _MOST_PRINTED else []
    return wrong + (["it failed without a word"] if ran.code > 1 and not ran.err + ran.out else [])
