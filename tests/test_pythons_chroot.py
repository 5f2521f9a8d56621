"""The chroot of `python -m tests.pythons`: its requirements, its mirror and its mounts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.pythons import __main__ as command
from tests.pythons import chroot

DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}


@pytest.mark.parametrize(
    ("user", "release", "missing", "message"),
    [
        (0, DEBIAN, [], None),
        (1000, DEBIAN, [], "--chroot needs root"),
        (0, DEBIAN, ["debootstrap"], "--chroot needs debootstrap: apt-get install debootstrap"),
        (0, {"ID": "fedora", "PRETTY_NAME": "Fedora 44"}, [], "--chroot needs Debian, and this is Fedora 44."),
        (None, {}, ["debootstrap", "unshare"], "--chroot needs Debian, and this is another system."),
    ],
)
def test_requirements(user: int | None, release: dict[str, str], missing: list[str], message: str | None) -> None:
    """A chroot needs Debian, root and its tools; a message says what is missing."""
    refusal = chroot.refusal(user, release, missing)
    assert refusal is None if message is None else refusal is not None and refusal.startswith(message)


def test_the_exit_code_of_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """If there can be no chroot, the command exits with 2 and the message."""
    monkeypatch.setattr(chroot, "_release", lambda: {"ID": "alpine", "PRETTY_NAME": "Alpine"})
    result = CliRunner().invoke(command.main, ["--chroot", "tests"])
    assert result.exit_code == 2
    assert "--chroot needs Debian, and this is Alpine." in result.output


def test_the_mirror_comes_from_apt() -> None:
    """The mirror is the first archive with apt's label Debian; without one there is an error."""
    rows = ["Other|http://other.invalid/", "Debian-Security|http://a.invalid/security/", "Debian|http://a.invalid/debian/"]
    assert chroot.mirror("\n".join(rows)) == "http://a.invalid/debian/"
    with pytest.raises(chroot.Refused, match="run apt-get update"):
        chroot.mirror("\n".join(rows[:2]))


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """A folder that has other files is refused and not changed."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(chroot.Refused, match="is neither empty nor a chroot"):
        chroot._make(tmp_path, "http://a.invalid/debian/")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_mounts_end_with_the_command(tmp_path: Path) -> None:
    """The mounts of a command are invisible outside, and are gone after it, also after an error."""
    if shutil.which("unshare") is None or subprocess.run(("unshare", "--mount", "true"), check=False).returncode:
        pytest.skip("This user can't have mounts of its own.")
    source, place = tmp_path / "source", tmp_path / "place"
    for folder in (source, place):
        folder.mkdir()
    (source / "seen").touch()
    prefix = chroot.enter_command(place, mounts=(source,))
    failed = subprocess.run((*prefix, "true"), capture_output=True, text=True, check=False)
    assert failed.returncode == 127 and "chroot" in failed.stderr  # there is no `env` in the empty place
    assert str(place) not in Path("/proc/mounts").read_text()
    assert list((place / str(source)[1:]).iterdir()) == []
