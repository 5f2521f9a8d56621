"""The table in pytest_plugin/VIRTUAL_TIME.md: the measured result of each construct in each place and version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.virtual.matrix.cells import PLACES, Construct, Expected, Impossible, Real

PAGE = Path(__file__).parents[3] / "pytest_plugin" / "VIRTUAL_TIME.md"
COLUMNS = tuple(place for place in PLACES if place != "older")

_HEAD = """# What virtual time reaches

A command writes this page: `python -m tests.virtual.matrix table RESULTS.json …`. The results are those of
`python -m tests.virtual.matrix run --json RESULTS.json` on {versions}. Each cell is a test of its
own, in a process of its own.

| Word | What it means |
|---|---|
| exact | The clock moves forward by exactly the length of the wait, to the nanosecond. No real time is spent |
| refused | The test ends within about a second with a VirtualTimeError that names the file, the line and the call |
| real | The call takes real time, because it waits for something outside virtual time. The clock waits too |
| – | There is no such case; the last column says why |

In a cell with several words, each word names the versions of Python for which it holds. In a thread that is *older*
than virtual time (one that was started before the test) everything is real.

| Column | Where the call is made |
|---|---|
{places}

{contents}
"""
_MESSAGES = "The words"


def page(constructs: Iterable[Construct], found: Iterable[Mapping[str, Any]]) -> str:
    """Return the whole page; `found` has the results of one run for each version."""
    runs = {_version(one["python"]): _verdicts(one) for one in found}
    places = "\n".join(f"| {place} | {PLACES[place]} |" for place in COLUMNS)
    versions = ", ".join(runs) or "no Python yet"
    groups = [(group, list(members)) for group, members in groupby(constructs, key=lambda one: one.group)]
    messages = _messages(found)
    contents = _contents([*(group for group, _ in groups), *([_MESSAGES] if messages else [])])
    parts = [_HEAD.format(versions=f"Python {versions}" if runs else versions, places=places, contents=contents)]
    for group, members in groups:
        parts.append(f"\n## {group}\n\n{_row(group, *COLUMNS, 'Why')}\n{_row(*['---'] * (len(COLUMNS) + 2))}\n")
        parts.extend(f"{line}\n" for line in _lines(members, runs))
    return "".join(parts) + messages


def _contents(titles: Iterable[str]) -> str:
    """Return the list of the page's chapters, each a link to its heading."""
    return "\n".join(f"- [{title}](#{re.sub(r'[^a-z0-9_-]', '', title.lower().replace(' ', '-'))})" for title in titles)


def _lines(constructs: Iterable[Construct], runs: Mapping[str, Mapping[tuple[str, str], str]]) -> Iterator[str]:
    for one in constructs:
        words = [_words(one, place, runs) for place in COLUMNS]
        yield _row(one.title, *words, _why(one))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _version(python: str) -> str:
    return ".".join(python.split(".")[:2])


def _verdicts(found: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {(cell["construct"], cell["place"]): cell["verdict"] for cell in found["cells"]}


def _words(construct: Construct, place: str, runs: Mapping[str, Mapping[tuple[str, str], str]]) -> str:
    """Return the measured result, with versions if they differ; the expected one if none was measured."""
    expected = construct.expects(place)
    measured = [(version, found[construct.name, place]) for version, found in runs.items()
                if (construct.name, place) in found]  # fmt: skip
    words = list(dict.fromkeys(word for _, word in measured))
    if len(words) < 2:
        return words[0] if words else str(expected[0])
    return ", ".join(f"{word} ({', '.join(v for v, each in measured if each == word)})" for word in words)


def _why(construct: Construct) -> str:
    reasons = dict.fromkeys(_reason(one) for place in COLUMNS for one in construct.expects(place))
    since = [f"Python {construct.since[0]}.{construct.since[1]} has it first"] if construct.since > (3, 11) else []
    return "; ".join([*filter(None, reasons), *since])


def _reason(expected: Expected) -> str:
    match expected:
        case Real(reason=reason) | Impossible(reason=reason):
            return reason
        case _:
            return ""


def _messages(found: Iterable[Mapping[str, Any]]) -> str:
    """Return the messages of the refusals, each kind once."""
    kinds = dict.fromkeys(
        _kind(cell["detail"]) for one in found for cell in one["cells"] if cell["verdict"] == "refused"
    )
    if not kinds:
        return ""
    return f"\n## {_MESSAGES}\n\nA refusal says, for example:\n\n" + "".join(f"- {kind}\n" for kind in kinds)


def _within(depth: int) -> str:
    """Return a pattern for text with balanced parentheses, nested up to a depth."""
    return rf"(?:[^()]|\({_within(depth - 1)}\))*" if depth else "[^()]*"


_PARTICULARS = (
    (re.compile(r"thread '[^']*'"), "thread '…'"),
    (re.compile(rf"\w+\.py:\d+( \({_within(5)}\))?"), "FILE.py:LINE (…)"),
    (re.compile(r", (called from|begun at) FILE\.py:LINE \(…\)"), ""),
    (re.compile(r"(, (of )?the thread '…' at FILE\.py:LINE \(…\))+"), ""),
    (re.compile(r"\d+(\.\d+)? (real )?s(econds)?\b"), "N s"),
)


def _kind(message: str) -> str:
    for pattern, word in _PARTICULARS:
        message = pattern.sub(word, message)
    return message


def differences(constructs: Iterable[Construct], text: str) -> list[str]:
    """Return a line for each difference between a page and what the constructs expect."""
    rows = dict(_read(text))
    known = list(constructs)
    titles = {(one.group, one.title) for one in known}
    wrong = [f"{group}: {title}: not a construct" for group, title in rows.keys() - titles]
    for one in known:
        cells = rows.get((one.group, one.title))
        if cells is None:
            wrong.append(f"{one.name}: not in the table")
            continue
        for place, word in zip(COLUMNS, cells, strict=True):
            allowed = {str(each) for each in one.expects(place)}
            if not {each.partition(" (")[0] for each in re.split(r"(?<=\)), ", word)} <= allowed:
                wrong.append(
                    f"{one.name} @ {place}: the table says {word!r}, its data {' or '.join(sorted(allowed))!r}"
                )
    return sorted(wrong)


def _read(text: str) -> Iterator[tuple[tuple[str, str], list[str]]]:
    group = ""
    for line in text.splitlines():
        if line.startswith("## "):
            group = line[3:]
        cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == len(COLUMNS) + 2 and cells[0] not in (group, "---"):
            yield (group, cells[0]), cells[1:-1]


def write(constructs: Iterable[Construct], results: Iterable[Path], to: Path = PAGE) -> None:
    """Write the page from the result files of some runs."""
    found = sorted((json.loads(path.read_text()) for path in results), key=lambda one: _key(one["python"]))
    to.write_text(page(constructs, found))


def _key(python: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", python)]
