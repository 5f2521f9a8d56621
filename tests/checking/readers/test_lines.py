"""JSON Lines of exchanges are read, and an incomplete last line is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.checking.exchanges import clado, status
from tests.checking.readers.recordings import read, written

from jobmock.checking.exchange import NOWHERE, to_line
from jobmock.checking.readers import lines
from jobmock.errors import UsageError


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
    """A line that is too long is refused before it is in memory."""
    row = to_line(clado(status("pending")))
    monkeypatch.setattr(lines, "MAX_LINE", len(row))
    assert len(read(written(tmp_path / "a.jsonl", row + row))) == 2
    with pytest.raises(UsageError, match=rf"a\.jsonl:2 is a line of more than {len(row)} bytes"):
        read(written(tmp_path / "a.jsonl", row + row[:-1] + b" \n"))


@pytest.mark.parametrize("left", ["{}", "{\n", "x", "[1"])
def test_other_last_line_is_an_error(left: str, tmp_path: Path) -> None:
    """A last line is skipped only if it is the beginning of an exchange without a line break."""
    path = written(tmp_path / "a.jsonl", to_line(clado(status("pending"))) + left.encode())
    with pytest.raises(UsageError, match=r"a\.jsonl:2 is no exchange"):
        read(path)


def test_lines(tmp_path: Path) -> None:
    """JSON Lines of exchanges are read as they were written; blank lines and byte order marks are skipped."""
    rows = [clado(status("pending"), number=number, source=NOWHERE) for number in range(3)]
    path = written(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + b"\n".join(map(to_line, rows)))
    assert [str(one.source) for one in read(path)] == [f"{path}:{number}" for number in (1, 3, 5)]
    assert [one.at for one in read(path)] == [one.at for one in rows]


def test_a_zero_byte_ends_the_file(tmp_path: Path) -> None:
    """Of a sparse file, nothing is read after the first zero byte, however many good lines are before it."""
    rows = to_line(clado(status("pending"))) * 3_000
    path = written(tmp_path / "a.jsonl", rows)
    with path.open("r+b") as file:
        file.truncate(len(rows) + (64 << 20))
    with pytest.raises(UsageError, match=rf"a\.jsonl has a zero byte after {len(rows)} characters"):
        read(path)
