"""Newer CPythons from Debian sid, in a chroot that debootstrap makes. A step that was done before is skipped.

Each command in it has its own mount namespace, so that nothing stays mounted after it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from tests.pythons.finding import ROOT, Interpreter, version_of

VERSIONS = ("3.14", "3.15")
_TOOLS = ("debootstrap", "unshare", "apt-get")
_PACKAGES = ("git", "procps", "curl", "nodejs")
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_SETTINGS = 'Acquire::Check-Valid-Until "false";\nAPT::Sandbox::User "root";\n'
_KEPT_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "TERM", "CI")


class Refused(Exception):
    """Raised if there can be no chroot here; the message says what is needed."""


@contextmanager
def chroot(folder: Path | None = None) -> Iterator[list[Interpreter]]:
    """Yield the interpreters of a chroot; without a folder it is temporary. Raises Refused."""
    mirror = _find_mirror()
    place = Path(tempfile.mkdtemp(prefix="sid-")) if folder is None else folder.absolute()
    try:
        _make(place, mirror)
        yield _interpreters(enter_command(place))
    finally:
        if folder is None:
            shutil.rmtree(place)


def refusal(user: int | None, release: Mapping[str, str], missing: list[str]) -> str | None:
    """Return why this system can't have a chroot, which needs root, Debian and a few tools; None if it can."""
    if release.get("ID") != "debian":
        return f"--chroot needs Debian, and this is {release.get('PRETTY_NAME') or 'another system'}."
    if user != 0:
        return "--chroot needs root, for debootstrap and mounts."
    return f"--chroot needs {', '.join(missing)}: apt-get install debootstrap util-linux." if missing else None


def mirror(targets: str) -> str:
    """Return the mirror of Debian in apt's own settings. Raises Refused."""
    rows = (line.partition("|") for line in targets.splitlines())
    found = next((address for label, _, address in rows if label == "Debian"), None)
    if found is None:
        raise Refused("apt knows no mirror of Debian yet: run apt-get update.")
    return found


def enter_command(place: Path, mounts: tuple[Path, ...] | None = None) -> tuple[str, ...]:
    """Return the prefix of a command that runs it in the chroot, in the checkout, with its own mounts."""
    kernels = filter(os.path.exists, ("/proc", "/dev", "/dev/pts", "/dev/shm"))
    lines = ["set -e"]
    for path in (*kernels, *map(str, _checkout() if mounts is None else mounts)):
        source, target = shlex.quote(path), shlex.quote(f"{place}{path}")
        lines += [f"mkdir -p {target}", f"mount --bind {source} {target}"]
    settings = shlex.join(f"{name}={value}" for name, value in _environment().items())
    lines.append(f'exec chroot {shlex.quote(str(place))} env -i --chdir={shlex.quote(str(ROOT))} {settings} "$@"')
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh")


def _find_mirror() -> str:
    user = os.geteuid() if hasattr(os, "geteuid") else None
    why = refusal(user, _release(), [tool for tool in _TOOLS if not shutil.which(tool)])
    if why:
        raise Refused(why)
    form = "$(LABEL)|$(REPO_URI)"
    listed = subprocess.run(("apt-get", "indextargets", "--format", form), capture_output=True, text=True, check=False)
    return mirror(listed.stdout)


def _release() -> dict[str, str]:
    """Return the fields of /etc/os-release; empty if there is no such file."""
    path = Path("/etc/os-release")
    rows = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()
    return {name: value.strip('"') for name, _, value in rows}


def _make(place: Path, source: str) -> None:
    """Make the parts that are missing: base system, settings, interpreters. Raises CalledProcessError."""
    if not (place / "usr/bin/apt-get").exists() or (place / "debootstrap").exists():
        _make_base(place, source)
    (place / "etc/resolv.conf").write_bytes(Path("/etc/resolv.conf").read_bytes())
    (place / _CERTIFICATES[1:]).parent.mkdir(parents=True, exist_ok=True)
    (place / _CERTIFICATES[1:]).write_bytes(Path(_CERTIFICATES).read_bytes())
    (place / "etc/apt/apt.conf.d/99pythons").write_text(_SETTINGS, encoding="utf-8")
    if not all((place / f"usr/bin/python{version}").exists() for version in VERSIONS):
        _install(enter_command(place, mounts=(ROOT,)))


def _make_base(place: Path, source: str) -> None:
    if place.exists() and any(place.iterdir()) and not (place / "debootstrap").exists():
        raise Refused(f"{str(place)!r} is neither empty nor a chroot. Give another --folder.")
    click.echo(f"debootstrap of Debian sid into {place}")
    command = ("debootstrap", "--variant=minbase", "--include=ca-certificates", "sid", str(place), source)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _install(enter: tuple[str, ...]) -> None:
    packages = [name for version in VERSIONS for name in (f"python{version}", f"python{version}-venv")]
    click.echo(f"apt-get install {' '.join(packages)}")
    for command in (("update",), ("install", "-y", "--no-install-recommends", *packages, *_PACKAGES)):
        subprocess.run((*enter, "apt-get", "-q", *command), stdout=subprocess.DEVNULL, check=True)


def _interpreters(enter: tuple[str, ...]) -> list[Interpreter]:
    paths = [f"/usr/bin/python{version}" for version in VERSIONS]
    return [Interpreter(version, path, enter) for path in paths if (version := version_of((*enter, path)))]


def _checkout() -> tuple[Path, ...]:
    """Return the folders to mount in the chroot: the checkout, and git's folder if that is outside."""
    command = ("git", "rev-parse", "--path-format=absolute", "--git-common-dir")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    git = Path(done.stdout.strip() or ROOT)
    return (ROOT,) if git.is_relative_to(ROOT) else (ROOT, git)


def _environment() -> dict[str, str]:
    own = {
        "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PIP_CERT": _CERTIFICATES, "SSL_CERT_FILE": _CERTIFICATES,
        "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }  # fmt: skip
    return {**{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}, **own}
