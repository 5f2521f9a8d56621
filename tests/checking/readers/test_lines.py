"""JSON Lines of exchanges are read, and an incomplete last line is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.checking.exchanges import clado, status
from tests.checking.readers.recordings import read, read_with_odd, written

from jobmock.checking.exchange import NOWHERE, to_line
from jobmock.checking.readers import lines


def test_incomplete_last_line_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An incomplete last line is skipped with a warning, and all complete lines are read."""
    row = to_line(clado({**status("pending"), "message": "Ä"}))
    assert "Ä".encode() in row
    for end in range(len(row)):
        found = read(written(tmp_path / "a.jsonl", row + row[:end]))
        whole = end == len(row) - 1
        assert (len(found), len(caplog.messages)) == (1 + whole, end > 0 and not whole)
        assert all(text.startswith(f"{tmp_path / 'a.jsonl'}:2 is an incomplete last line") for text in caplog.messages)
        caplog.clear()


def test_a_line_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is left out before it is in memory, and the lines behind it are read."""
    row = to_line(clado(status("pending")))
    monkeypatch.setattr(lines, "MAX_LINE", len(row))
    found, left = read_with_odd(written(tmp_path / "a.jsonl", row + row[:-1] + b" \n" + row))
    assert [one.source.line for one in found] == [1, 3]
    assert left == [f"a.jsonl:2: it is a line of more than {len(row)} bytes"]


@pytest.mark.parametrize(("left", "reason"), [
    ("{}", "it has no 'at'"), ("{\n", "it is no JSON"), ("x", "it is no JSON"), ("[1]", "it is no object"),
    ('{"at": "now", "method": "GET", "path": "/", "status": 200}', "a value in it hasn't the form"),
])  # fmt: skip
def test_odd_line_is_left_out(left: str, reason: str, tmp_path: Path) -> None:
    """A line that is no exchange is left out with its place and the reason, wherever it is."""
    row = to_line(clado(status("pending")))
    for number, content in enumerate((left.encode() + b"\n" + row, row + left.encode()), 1):
        found, odd = read_with_odd(written(tmp_path / "a.jsonl", content))
        assert [one.body for one in found] == [clado(status("pending")).body.replace(b": ", b":").replace(b", ", b",")]
        assert odd[0].startswith(f"a.jsonl:{number}: {reason}")


def test_lines(tmp_path: Path) -> None:
    """JSON Lines of exchanges are read as they were written; blank lines and byte order marks are skipped."""
    rows = [clado(status("pending"), number=number, source=NOWHERE) for number in range(3)]
    path = written(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + b"\n".join(map(to_line, rows)))
    assert [str(one.source) for one in read(path)] == [f"{path}:{number}" for number in (1, 3, 5)]
    assert [one.at for one in read(path)] == [one.at for one in rows]


def test_zero_bytes_end_the_file(tmp_path: Path) -> None:
    """Of a sparse file, nothing is read after the zero bytes begin, however many good lines are before them."""
    rows = to_line(clado(status("pending"))) * 3_000
    path = written(tmp_path / "a.jsonl", rows)
    with path.open("r+b") as file:
        file.truncate(len(rows) + (64 << 20))
    found, odd = read_with_odd(path)
    assert len(found) == 3_000
    assert odd == [f"a.jsonl: the rest of the file, because it has many zero bytes after {len(rows)} characters"]
