"""Inputs in twenty-four hostile shapes, of any size, for every reader of files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from jobmock import apis, scenario
from jobmock.catalogue.server_settings import limits_from_file
from jobmock.checking.baseline import read_baseline
from jobmock.checking.exchange import Source
from jobmock.checking.readers import open_recording
from jobmock.errors import ScenarioError, UsageError

MiB = 1 << 20


def repeated(piece: str, size: int, joint: str = ",") -> str:
    """Return a piece so often that it has about `size` characters."""
    return joint.join([piece] * max(1, size // (len(piece) + len(joint))))


def numbered(form: str, size: int, joint: str = ",") -> str:
    """Return a piece that has a number in it, with 0, 1, 2 and so on, of about `size` characters."""
    return joint.join(form.format(number) for number in range(max(1, size // (len(form) + 4 + len(joint)))))


def levels(size: int) -> int:
    return max(1, size // 2)


def laughs(size: int) -> str:
    names = range(max(2, size // 60))
    lines = (f"&a{name} [{', '.join([f'*a{name - 1}'] * 9)}]" for name in names[1:])
    return f"[&a0 [x, x, x], {', '.join(lines)}]"


VALUES: Mapping[str, Callable[[int], str]] = {
    "deep lists": lambda size: "[" * levels(size) + "]" * levels(size),
    "deep objects": lambda size: '{"a":' * (size // 6) + "1" + "}" * (size // 6),
    "deep and unclosed": lambda size: "[" * size,
    "a long key": lambda size: '{"' + "k" * size + '": 1}',
    "a long key above many values": lambda size: '{"' + "k" * (size // 2) + '": [' + repeated("0", size // 2) + "]}",
    "long keys above many values": lambda size: (
        "{" + numbered('"' + "k" * 900 + '{:05}":[', size // 2, "") [:-1].replace("[", "{")
        + "[" + repeated("0", size // 2) + "]" + "}" * (max(1, (size // 2) // 914) + 1)
    ),
    "many keys": lambda size: "{" + numbered('"key{}":0', size).replace("\n", "") + "}",
    "a long text": lambda size: '"' + "x" * size + '"',
    "an unclosed text": lambda size: '"' + "x" * size,
    "laughs": laughs,
    "one text many times": lambda size: f'[&a "{"x" * (size // 2)}", {repeated("*a", size // 2)}]',
    "many anchors": lambda size: "[" + numbered("&a{} x", size) + "]",
    "merges": lambda size: "[&a0 {x: 1}, " + ", ".join(
        f"&a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, max(2, size // 60))
    ) + "]",
    "a key twice": lambda size: "{" + repeated('"a":0', size) + "}",
    "escapes": lambda size: '"' + repeated("\\u0041", size, "") + '"',
    "halves of surrogate pairs": lambda size: '"' + repeated("\\ud83d", size, "") + '"',
    "a long number": lambda size: "9" * size,
    "a long fraction": lambda size: "0." + "9" * size,
    "a number in base 60": lambda size: repeated("1", size, ":"),
    "many empty objects": lambda size: "[" + repeated("{}", size) + "]",
    "many different objects": lambda size: "[" + numbered('{{"a":{}}}', size) + "]",
    "blanks": lambda size: " " * size + "1",
}  # fmt: skip
"""Values, in the part of YAML that is JSON as far as the shape allows."""

TEXTS: Mapping[str, Callable[[int], str]] = {
    "many documents": lambda size: repeated("---\na: 1\n", size, ""),
    "many lines": lambda size: repeated('{"method": "GET"}\n', size, ""),
}
"""Whole files."""


class Reader(NamedTuple):
    """A reader of files: the ending of its files, what is around a value in them, and the function."""

    suffix: str
    before: str
    after: str
    read: Callable[[Path], object]


def recording(path: Path) -> int:
    return sum(1 for _ in open_recording(path, leave_out=_ignore).exchanges)


def bodies(path: Path) -> int:
    return sum(1 for _ in open_recording(path, apis.load("clado").operations[0], _ignore).exchanges)


def _ignore(source: Source, reason: str) -> None:
    """Leave out an entry that can't be read."""


_STEP = '{"version": 1, "api": "clado", "progression": [{"status": "completed", "body": {"x": '
_VIOLATES = '{"version": 1, "api": "clado", "progression": [{"status": "completed", "violates": '
_INTERACTION = 'interactions: [{request: {method: GET, uri: "http://a/"}, response: {status: 200, headers: {a: '
READERS: Mapping[str, Reader] = {
    "scenario in YAML": Reader(".yaml", _STEP, "}}]}", scenario.from_file),
    "scenario in JSON": Reader(".json", _STEP, "}}]}", scenario.from_file),
    "list without repeats": Reader(".yaml", _VIOLATES, "}]}", scenario.from_file),
    "limits": Reader(".yaml", '{"clado": ', "}", limits_from_file),
    "HAR": Reader(".har", '{"log": {"entries": [', "]}}", recording),
    "cassette in YAML": Reader(".yaml", "interactions: [", "]", recording),
    "header in a cassette": Reader(".yaml", _INTERACTION, "}}}]", recording),
    "cassette in JSON": Reader(".json", '{"interactions": [', "]}", recording),
    "list of calls": Reader(".json", '[{"scope": "http://a", "response": ', "}]", recording),
    "cassette in a list": Reader(".yaml", "- request: ", "\n", recording),
    "JSON Lines": Reader(".jsonl", '{"method": "GET", "body": ', "}", recording),
    "bodies": Reader(".json", "", "", bodies),
    "member of a baseline": Reader(".json", '{"accepted": [{"api": ', "}]}", read_baseline),
    "baseline": Reader(".json", '{"accepted": ', "}", read_baseline),
}


def content(reader: Reader, shape: str, size: int) -> str:
    """Return a hostile file of a shape and of about a size for a reader."""
    return reader.before + VALUES[shape](size) + reader.after if shape in VALUES else TEXTS[shape](size)


def contents(reader: Reader, size: int) -> dict[str, str]:
    """Return every hostile file of about a size for a reader, by its shape."""
    return {shape: content(reader, shape, size) for shape in (*VALUES, *TEXTS)}


def read(reader: Reader, path: Path) -> None:
    """Read a file. Only errors in words may be raised."""
    try:
        reader.read(path)
    except (ScenarioError, UsageError) as error:
        if len(str(error)) > MiB:
            raise AssertionError(f"An error of {len(str(error))} characters") from None


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of Python run while a function does."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
