"""The chroot of the command that runs the tests on other interpreters: where it can be, and what stays of it."""

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
    ("user", "release", "missing", "told"),
    [
        (0, DEBIAN, [], None),
        (1000, DEBIAN, [], "--chroot needs root"),
        (0, DEBIAN, ["debootstrap"], "--chroot needs debootstrap: apt-get install debootstrap"),
        (0, {"ID": "fedora", "PRETTY_NAME": "Fedora 44"}, [], "--chroot needs Debian, and this is Fedora 44."),
        (None, {}, ["debootstrap", "unshare"], "--chroot needs Debian, and this is another system."),
    ],
)
def test_where_it_can_be(user: int | None, release: dict[str, str], missing: list[str], told: str | None) -> None:
    """It takes root, on Debian, with its tools; what is lacking is said in a sentence."""
    said = chroot.refusal(user, release, missing)
    assert said is None if told is None else said is not None and said.startswith(told)


def test_a_refusal_ends_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends with 2 and the sentence, and nothing was made."""
    monkeypatch.setattr(chroot, "_release", lambda: {"ID": "alpine", "PRETTY_NAME": "Alpine"})
    result = CliRunner().invoke(command.main, ["--chroot", "tests"])
    assert result.exit_code == 2
    assert "--chroot needs Debian, and this is Alpine." in result.output


def test_the_mirror_is_apts_own() -> None:
    """The first archive that apt knows as Debian's is the mirror; others' archives aren't; none is an error."""
    rows = ["Other|http://other.invalid/", "Debian-Security|http://a.invalid/security/", "Debian|http://a.invalid/debian/"]
    assert chroot.mirror("\n".join(rows)) == "http://a.invalid/debian/"
    with pytest.raises(chroot.Refused, match="run apt-get update"):
        chroot.mirror("\n".join(rows[:2]))


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    """A folder that holds something else than a chroot is left as it is."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(chroot.Refused, match="is neither empty nor a chroot"):
        chroot._make(tmp_path, "http://a.invalid/debian/")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_mounts_end_with_the_command(tmp_path: Path) -> None:
    """What is mounted for a command isn't to be seen outside, and is gone after an error too."""
    if shutil.which("unshare") is None or subprocess.run(("unshare", "--mount", "true"), check=False).returncode:
        pytest.skip("This user can't have mounts of its own.")
    source, place = tmp_path / "source", tmp_path / "place"
    for folder in (source, place):
        folder.mkdir()
    (source / "seen").touch()
    entered = chroot.entering(place, mounts=(source,))
    failed = subprocess.run((*entered, "true"), capture_output=True, text=True, check=False)
    assert failed.returncode == 127 and "chroot" in failed.stderr  # there is no `env` in the empty place
    assert str(place) not in Path("/proc/mounts").read_text()
    assert list((place / str(source)[1:]).iterdir()) == []
