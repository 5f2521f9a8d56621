"""Broken, huge and hostile scenario files: each is named in one clear line, and nothing hangs or shows a traceback.

Each file is checked alone by `jobmock lint FILE`: exit code 2, and at least one line `…: error: …`, all about that
file. Then all of them are in one folder for `lint DIR` (exit code 2), `serve --strict` (2), `list` and `serve` (0: a
broken file doesn't stop the others), which must each name every file. A file that already failed alone is left out
there.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.campaigns.reporting import Report, progress_bar, scaled

MAX_SECONDS = 20.0
_TIMEOUT = MAX_SECONDS + 1
_GOOD = b"version: 1\napi: clado\nsummary: Fine.\nprogression: [{status: completed}]\n"
_BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % (name - 1)] * 10)) for name in range(ord("b"), ord("l"))
)
_MANY_KEYS = b"version: 1\napi: clado\n" + b"".join(b"unknown%05d: 1\n" % number for number in range(50_000))
_MANY_STEPS = (
    b"version: 1\napi: clado\nsummary: x\nprogression:\n"
    + b"  - {status: pending, after: {polls: 1}}\n" * 20_000 + b"  - {status: pendign}\n"
)  # fmt: skip


def _field(name: bytes, value: bytes) -> bytes:
    return b"version: 1\napi: clado\nsummary: x\n%s: %s\nprogression: [{status: completed}]\n" % (name, value)


_CONTENTS: dict[str, bytes] = {
    "bomb.yaml": _BOMB,
    "bomb-of-mappings.yaml": _BOMB.replace(b"[", b"{x: [").replace(b"]", b"]}"),
    "itself.yaml": b"&a [*a]\n",
    "no-anchor.yaml": b"a: *b\n",
    "ten-megabytes.yaml": b"# " + b"x" * 10_000_000,
    "ten-megabytes.json": b'{"summary": "' + b"x" * 10_000_000 + b'"}',
    "a-megabyte-of-text.yaml": _field(b"summery", b"x" * 1_000_000),
    "deep-flow.yaml": b"[" * 100_000,
    "deep-closed.yaml": b"[" * 50_000 + b"]" * 50_000,
    "deep-block.yaml": b"".join(b" " * depth + b"a:\n" for depth in range(1_000)),
    "deep-keys.yaml": b"? " * 50_000,
    "deep.json": b"[" * 100_000,
    "deep-closed.json": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "binary.yaml": bytes(range(256)) * 100,
    "zeros.yaml": bytes(100_000),
    "random.json": random.Random(0).randbytes(10_000),
    "utf-16.yaml": _GOOD.decode().encode("utf-16"),
    "latin.yaml": b"summary: caf\xe9\n",
    "empty.yaml": b"",
    "empty.json": b"",
    "comment.yaml": b"# nothing\n",
    "two.yaml": _GOOD + b"---\n" + _GOOD,
    "null.yaml": b"~\n",
    "text.yaml": b"just text\n",
    "list.json": b"[1, 2]",
    "tab.yaml": b"version: 1\n\tapi: clado\n",
    "tag.yaml": b"!!python/object/apply:os.system [id]\n",
    "merge.yaml": b"a: &a {b: 1}\nc: {<<: *a}\n",
    "twice.yaml": _GOOD + b"version: 1\n",
    "twice.json": b'{"version": 1, "version": 1}',
    "huge-number.yaml": _field(b"results", b"{count: " + b"9" * 5_000 + b"}"),
    "large-number.yaml": _field(b"results", b"{count: " + b"9" * 40 + b"}"),
    "negative.yaml": _field(b"results", b"{count: -1, seed: -9223372036854775809}"),
    "huge-number.json": b'{"version": ' + b"9" * 5_000 + b"}",
    "huge-float.json": b'{"version": 1e999, "x": NaN}',
    "nan.yaml": _field(b"results", b"{count: .nan}"),
    "surrogate.json": b'{"version": 1, "\\ud800": "\\udfff"}',
    "surrogate.yaml": b'version: 1\n"\\ud800": "\\udfff"\n',
    "surrogate-status.json": b'{"version":1,"api":"clado","summary":"x","progression":[{"status":"\\ud800"}]}',
    "control-characters.json": b'{"version":1,"api":"clado","\\u001b[31m\\u0000\\r\\n":1,"progression":[]}',
    "newline-key.yaml": b'version: 1\n"a\\nb\\r\\u2028c": 1\n',
    "newline-status.yaml": b'version: 1\napi: clado\nsummary: x\nprogression: [{status: "a\\nb: error: c"}]\n',
    "many-keys.yaml": _MANY_KEYS,
    "many-steps.yaml": _MANY_STEPS,
    "long-status.yaml": b"version: 1\napi: clado\nsummary: x\nprogression: [{status: " + b"x" * 900_000 + b"}]\n",
    "long-time.yaml": b"version: 1\napi: clado\nsummary: x\nprogression: [{status: pending, after: {seconds: "
    b"1.0e+300}}, {status: completed}]\n",
    "many-polls.yaml": b"version: 1\napi: clado\nsummary: x\nprogression: [{status: pending, after: {polls: "
    + b"9" * 30 + b"}}, {status: completd}]\n",
    "other-api.yaml": _GOOD.replace(b"clado", b"../../etc"),
    "with\nnewline.yaml": b"version: 2\n",
    "with\x1b[31mcolour.yaml": b"version: 2\n",
    "quo'te \"and\" %20.yaml": b"version: 2\n",
    "x" * 245 + ".yaml": b"version: 2\n",
    "not-utf-8-\udcff\udcfe.yaml": b"version: 2\n",
}  # fmt: skip
"""File name → content. Surrogates in a name stand for bytes that aren't UTF-8."""


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


_MAKERS: dict[str, Callable[[Path], None]] = {
    "loop.yaml": _link("loop.yaml"),
    "one-way.yaml": _link("other-way.yaml"),
    "other-way.yaml": _link("one-way.yaml"),
    "dangling.yaml": _link("nowhere.yaml"),
    "zero.yaml": _link("/dev/zero"),
    "terminal.yaml": _link("/dev/tty"),
    "memory.yaml": _link("/proc/self/mem"),
    "pipe.yaml": os.mkfifo,
    "unreadable.yaml": lambda path: path.touch(mode=0),
}
"""File name → function that makes it."""

_FOLDERS = ("folder.yaml", "folder.yaml/inner.yaml", "around")
"""A folder with a scenario's name, another one inside it, and a link to its own folder."""


class CommandResult(NamedTuple):
    """The result of a command; `code` is None if it had to be killed."""

    code: int | None
    out: str
    err: str
    seconds: float


def _unprivileged() -> list[str] | None:
    """Return a prefix for a command by which even root can't read all files; None if there is none."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if shutil.which("setpriv") else None


def run_command(args: Sequence[str | Path], *, ready: bool = False) -> CommandResult:
    """Run `jobmock ARGS`; with `ready`, send SIGTERM after its first line on stdout."""
    began = time.monotonic()
    command = [*(_unprivileged() or ()), sys.executable, "-m", "jobmock", *[os.fspath(arg) for arg in args]]
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}  # as in a UTF-8 locale
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, env=strict
    ) as process:  # fmt: skip
        if ready:
            until = began + _TIMEOUT
            while not os.fstat(out.fileno()).st_size and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
        try:
            code: int | None = process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            code = None
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    return CommandResult(code, texts[0], texts[1], time.monotonic() - began)


def make(folder: Path, names: Sequence[str]) -> None:
    """Make the files, and the folders around them."""
    for name in _FOLDERS[:2]:
        (folder / name).mkdir()
    (folder / _FOLDERS[2]).symlink_to(folder)
    (folder / "fine.yaml").write_bytes(_GOOD)
    for name in names:
        if name in _CONTENTS:
            (folder / name).write_bytes(_CONTENTS[name])
        else:
            _MAKERS[name](folder / name)


def _check_result(report: Report, what: str, found: CommandResult, code: int) -> None:
    """Check the rules for every command: exit code, time and no traceback."""
    seen = f"exit {found.code}, {found.seconds:.1f} s: {found.err[-400:]!r}"
    report.check(found.code is not None and found.seconds < MAX_SECONDS, f"{what}: hangs", seen)
    report.check(found.code in (code, None), f"{what}: exit code {found.code}", seen)
    report.check("Traceback" not in found.err + found.out, f"{what}: a traceback", seen)


_MAX_NAME = 40


def _known_by(name: str) -> str:
    """Return the part of a file's name that any line about it must contain, whatever its other characters."""
    parts: list[str] = re.findall(r"[\w.-]+", name.encode("ascii", "replace").decode())
    return max(parts, key=len)[-_MAX_NAME:]


def _lint_alone(report: Report, path: Path) -> tuple[float, bool]:
    """Lint one file; return the seconds, and whether all checks passed."""
    found, before = run_command(["lint", path]), report.failures
    what = f"lint {path.name[:_MAX_NAME]!r}"
    _check_result(report, what, found, 2)
    lines = found.out.splitlines()
    report.check(bool(lines), f"{what}: no line", found.err)
    for line in lines:
        clear = _known_by(path.name) in line and ": error: " in line
        if not report.check(clear, f"{what}: a line that isn't clear", repr(line)):
            break
    report.check(all(sign.isprintable() for line in lines for sign in line), f"{what}: unprintable", repr(lines[:2]))
    report.check(max(map(len, lines), default=0) < 2_000, f"{what}: a very long line", f"{len(found.out)} characters")
    return found.seconds, report.failures == before


def _check_folder(report: Report, folder: Path, names: Sequence[str]) -> None:
    """Run each command that takes a folder."""
    port = ["--port", "0"]
    commands: list[tuple[list[str | Path], int, bool]] = [
        (["lint", folder], 2, False), (["list", "--format", "json", "--scenarios", folder], 0, False),
        (["serve", *port, "--strict", "--scenarios", folder], 2, False),
        (["serve", *port, "--scenarios", folder], 0, True),
    ]  # fmt: skip
    for args, code, ready in commands:
        what = " ".join(str(arg) for arg in args if arg is not folder)
        found = run_command(args, ready=ready)
        _check_result(report, what, found, code)
        missing = [name for name in names if _known_by(name) not in found.out + found.err]
        report.check(not missing, f"{what}: files not named", missing)
        if args[0] == "list" and found.code == 0:
            own = [row["name"] for row in json.loads(found.out) if row["source"] != "bundled"]
            report.check("clado/fine" in own, f"{what}: the valid file is missing", own)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, every = Report("files"), sorted([*_CONTENTS, *_MAKERS])
    if _unprivileged() is None:
        every.remove("unreadable.yaml")
    names = sorted(random.Random(seed).sample(every, scaled(len(every), fraction, 3)))
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder = Path(place, "scenarios")
        folder.mkdir()
        make(folder, names)
        results = {name: _lint_alone(report, folder / name) for name in progress_bar(names, "Files")}
        for name, (_, passed) in results.items():
            if not passed:
                (folder / name).unlink()
        _check_folder(report, folder, [name for name, (_, passed) in results.items() if passed])
    slowest = max(results, key=lambda name: results[name])
    return report.end(f"{len(names)} files; slowest {slowest[:_MAX_NAME]!r}, {results[slowest][0]:.1f} s")
