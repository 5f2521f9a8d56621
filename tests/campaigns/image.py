"""The image is built and run, on Debian as root, without a daemon: by buildah and podman, with a base by debootstrap.

The base stands in for the one that the Dockerfile names, with Debian's own Python. Checked are the size beyond the
base, the user, the read-only root, that no compiler and no pip are left, the health check, the end by SIGTERM, the
refusal to serve without a token, and the time until the server is ready, beside the same files outside a container.
`JOBMOCK_IMAGE_STORAGE` names a folder that keeps the base from one run to the next.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
from tests.campaigns.reporting import Report, scaled
from tests.free_ports import free_port

ROOT = Path(__file__).parents[2]
TOOLS = ("buildah", "podman", "runc", "debootstrap")
MOST_MB, MOST_RATIO, STARTS = 150, 1.3, 9
_PACKAGES = "ca-certificates,python3,python3-pip,python3-venv"
_NAME = "localhost/jobmock:tried"
_LIMITS = ("--ulimit", "nofile=8192:8192", "--ulimit", "nproc=1000:1000")
_RIGHTS = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "host", *_LIMITS)


class Storage:
    """The images and containers of one folder."""

    def __init__(self, folder: Path) -> None:
        self._where = ("--storage-driver", "vfs", "--root", f"{folder}/storage", "--runroot", f"{folder}/run")

    def buildah(self, *args: str) -> str:
        return _run("buildah", *self._where, *args)

    def podman(self, *args: str) -> str:
        return _run("podman", *self._where, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *args)

    def has(self, image: str) -> bool:
        return bool(self.podman("images", "--quiet", image).strip())

    def size(self, image: str) -> int:
        return int(self.podman("image", "inspect", image, "--format", "{{.Size}}"))


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("image")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or os.getuid() != 0:
        return report.end(f"not tried: {', '.join(missing) or 'root'} is missing")
    with _folder() as folder:
        storage, base = Storage(folder), _base_name()
        if not storage.has(base):
            _make_base(storage, folder, base)
        _build(storage)
        megabytes = (storage.size(_NAME) - storage.size(base)) / 1e6
        report.check(megabytes <= MOST_MB, "too large", f"{megabytes:.0f} MB")
        _check_container(storage, report)
        inside, outside = _start_times(storage, scaled(STARTS, fraction, 1))
    ratio = inside / outside
    report.check(fraction < 1 or ratio <= MOST_RATIO, "slow to start", ratio)
    return report.end(
        f"{megabytes:.0f} MB beyond its base; ready after {inside:.2f} s, {ratio:.2f} times as long as outside"
    )


@contextmanager
def _folder() -> Iterator[Path]:
    if kept := os.environ.get("JOBMOCK_IMAGE_STORAGE"):
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _base_name() -> str:
    """Return the name of the base in the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (version,) = re.findall(r"^ARG PYTHON=(.+)$", text, re.MULTILINE)
    name = re.findall(r"^FROM (\S+)", text, re.MULTILINE)[-1]
    return f"docker.io/library/{name.replace('${PYTHON}', version)}"


def _make_base(storage: Storage, folder: Path, name: str) -> None:
    root = folder / "base"
    _run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(root))
    _run("tar", "-c", "-C", str(root), "-f", str(folder / "base.tar"), ".")
    storage.podman("import", str(folder / "base.tar"), name)


def _build(storage: Storage) -> None:
    """Build the image, with this machine's settings of pip."""
    given = [*f"{os.environ.get('PIP_CERT', '')} {os.environ.get('PIP_FIND_LINKS', '')}".split()]
    given += ["/etc/pip.conf", "/etc/xdg/pip"]
    settings = subprocess.run(["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    given += re.findall(r"file://(/[^\s']+)", settings.stdout)
    mounts = [word for path in given if path and Path(path).exists() for word in ("--volume", f"{path}:{path}:ro")]
    variables = [word for name in os.environ if name.startswith("PIP_") for word in ("--env", name)]
    flags = ("--isolation", "chroot", "--format", "docker", "--pull-never", *mounts, *variables)
    storage.buildah("build", *flags, "--tag", _NAME, str(ROOT))


def _check_container(storage: Storage, report: Report) -> None:
    """Run a container, and look at its user, its files, its health and its end."""
    port = free_port()
    with _container(storage, port) as name:
        _until_ready(port)
        report.check(_inside(storage, name, "id -u; id -g") == "65532\n65532\n", "another user")
        left = _inside(storage, name, "command -v cc gcc g++ make; ls /opt/jobmock/bin/pip*; true")
        report.check(left == "", "more is left than is needed", left)
        written = _inside(storage, name, "for at in / /scenarios /opt/jobmock; do touch $at/x && echo $at; done; true")
        report.check(written == "", "the root can be written", written)
        report.check(_code(storage.podman, "healthcheck", "run", name) == 0, "unhealthy")
        began = time.monotonic()
        storage.podman("stop", "--time", "10", name)
        seconds = time.monotonic() - began
        code = storage.podman("inspect", name, "--format", "{{.State.ExitCode}}").strip()
        report.check(code == "0" and seconds < 9, "SIGTERM", f"exit code {code} after {seconds:.1f} s")
    refused = _code(storage.podman, "run", "--rm", *_RIGHTS, _NAME)
    report.check(refused == 2, "it serves without a token", refused)


@contextmanager
def _container(storage: Storage, port: int) -> Iterator[str]:
    name = f"jobmock-{port}"
    variables = ("--env", f"JOBMOCK_SERVE_PORT={port}", "--env", "JOBMOCK_CONTROL_TOKEN=a-token")
    storage.podman("run", "--detach", "--name", name, *_RIGHTS, *variables, _NAME)
    try:
        yield name
    finally:
        storage.podman("rm", "--force", "--time", "0", name)


def _inside(storage: Storage, name: str, script: str) -> str:
    return storage.podman("exec", name, "sh", "-c", f"({script}) 2>/dev/null")


def _start_times(storage: Storage, count: int) -> tuple[float, float]:
    """Return the median seconds until the server is ready: in a container, and with the same files outside."""
    inside, outside = [], []
    working = storage.buildah("from", "--pull-never", _NAME).strip()
    root = storage.buildah("mount", working).strip()
    try:
        for _ in range(count):
            port = free_port()
            with _container(storage, port) as name:
                ready = _until_ready(port)
                started = json.loads(storage.podman("inspect", name))[0]["State"]["StartedAt"]
                inside.append(ready - _seconds(started))
            outside.append(_seconds_outside(root))
    finally:
        storage.buildah("rm", working)
    return statistics.median(inside), statistics.median(outside)


def _seconds(text: str) -> float:
    """Return a date with nanoseconds as seconds since 1970."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text)).timestamp()


def _seconds_outside(root: str) -> float:
    """Return how long the server of the image takes without a container."""
    port, began = free_port(), time.time()
    command = ["chroot", "--userspec", "65532:65532", root, "/opt/jobmock/bin/jobmock", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            return _until_ready(port) - began
        finally:
            process.terminate()


def _until_ready(port: int) -> float:
    """Return the time at which the server has been ready. Raises SystemExit after a minute."""
    end = time.monotonic() + 60
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < end:
            try:
                client.get(f"http://127.0.0.1:{port}/__jobmock/ready").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.002)
            else:
                return time.time()
    raise SystemExit("The server in the container isn't ready after a minute.")


def _run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if ran.returncode:
        raise subprocess.CalledProcessError(ran.returncode, command, ran.stdout, ran.stderr)
    return ran.stdout


def _code(run_: object, *args: str) -> int:
    """Return the exit code of a command of the storage."""
    assert callable(run_)
    try:
        run_(*args)
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0
