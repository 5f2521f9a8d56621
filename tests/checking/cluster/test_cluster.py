"""A check on a Dask cluster has the report of one process, byte for byte, whatever happens to a worker."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import re
import subprocess
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest
from tests.checking.cluster.conftest import PYTHON, Cluster, run_jobmock, started
from tests.checking.cluster.file_server import serving
from tests.checking.distribution.traffic import split, traffic, write
from tests.checking.exchanges import clado, status
from tests.checking.readers.recordings import entry, har
from tests.documents.reading import blocks
from tests.documents.running import run
from tests.free_ports import free_port
from tests.support import HANGS

from jobmock.checking.exchange import to_line

REPORT = ("--format", "json", "--fail-on", "never")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Traffic of many jobs in files of several forms, of which one is broken."""
    rng = Random(5)
    files = split(tmp_path, traffic(rng, jobs=30), rng, 5)
    for path, compress in ((files[0], gzip.compress), (files[1], bz2.compress)):
        path.write_bytes(compress(path.read_bytes()))
    with ZipFile(tmp_path / "5.zip", "w") as archive:
        archive.write(files[2], "lines.jsonl")
    (tmp_path / "6.har").write_text(har(*(entry(one.body.decode()) for one in traffic(rng, jobs=2))))
    (tmp_path / "7.har").write_text("{")
    (tmp_path / "8.jsonl").write_bytes(to_line(clado(status("pending"))) + b'{"at": 1, "met')
    return sorted(tmp_path.iterdir())


@pytest.mark.parametrize("options", [(), ("--join-jobs",)])
def test_report_is_that_of_one_process(options: tuple[str, ...], cluster: Cluster, files: list[Path]) -> None:
    """The report, the warnings and the exit code are those of one process, and a pattern names the files."""
    one = run_jobmock("check", *files, *REPORT, *options, "--jobs", 1)
    many = cluster.run("check", files[0].parent / "*", *REPORT, *options)
    assert many == one
    assert one.code == 2 and len(json.loads(one.out)["violations"]) > 10
    assert "8.jsonl:2 is an incomplete last line" in one.err


def test_drift_with_own_documents(cluster: Cluster, files: list[Path], tmp_path: Path) -> None:
    """`drift` proposes the same changes, and `check --schemas` judges by documents that the workers don't have."""
    changed, good = tmp_path / "changed", files[:5]
    proposed = cluster.run("drift", *good, "--format", "json", "--write-schemas", changed)
    assert proposed == run_jobmock("drift", *good, "--format", "json", "--jobs", 1)
    judged = cluster.run("check", *good, *REPORT, "--schemas", changed)
    assert judged == run_jobmock("check", *good, *REPORT, "--schemas", changed, "--jobs", 1)
    assert len(json.loads(judged.out)["violations"]) < len(json.loads(cluster.run("check", *good, *REPORT).out)[
        "violations"])  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--join-jobs",)])
def test_a_worker_dies(options: tuple[str, ...], cluster: Cluster, files: list[Path]) -> None:
    """When a worker dies in the middle, another one does its work again, and nothing is missing."""
    names = [path.name for path in files]

    def kill_once(name: str) -> None:
        if name == "3.jsonl" and not killed:
            killed.append(name)
            cluster.kill_a_worker()

    killed: list[str] = []
    with serving(files[0].parent, kill_once) as url:
        addresses = [f"{url}/{name}" for name in names]
        many = cluster.run("check", *addresses, *REPORT, *options)
        one = run_jobmock("check", *addresses, *REPORT, *options, "--jobs", 1)
    assert killed == ["3.jsonl"]
    assert many == one and "violations" in json.loads(one.out)


def test_files_over_http(cluster: Cluster, files: list[Path]) -> None:
    """Files that a server has are named without what may be a key, and a pattern is a list of its folder."""
    with serving(files[0].parent) as url:
        listed = cluster.run("check", f"{url}/*.jsonl", *REPORT)
        one = cluster.run("check", f"{url}/0.jsonl?signature=s3cret", f"{url}/none.jsonl", *REPORT)
    rows = json.loads(listed.out)["violations"]
    assert {row["first"]["source"].partition(":")[0] for row in rows} == {"http"} and listed.code == 0
    assert one.code == 2 and f"{url}/none.jsonl can't be read: there is no such file" in one.err
    assert f"{url}/0.jsonl?…" in one.out and "s3cret" not in one.out + one.err


def test_large_file_over_http(cluster: Cluster, tmp_path: Path) -> None:
    """A large file is read to its end, also of a server that sends no parts of files; else that is an error."""
    long = clado(status("searching", message="x" * 20_000))
    path = write(tmp_path / "a.jsonl", [long] * 600)
    for options in ((), ("--jobs", 2)):
        with serving(tmp_path) as url:
            whole = run_jobmock("check", f"{url}/a.jsonl", *REPORT, *options)
        with serving(tmp_path, most=10 << 20) as url:
            part = run_jobmock("check", f"{url}/a.jsonl", *REPORT, *options)
        assert (whole.code, json.loads(whole.out)["judged"]) == (0, {"clado status": 600})
        assert part.code == 2 and f"{url}/a.jsonl can't be read to its end: its store doesn't give it." in part.err
        assert 400 < json.loads(part.out)["judged"]["clado status"] < 600
    assert path.stat().st_size > 11 << 20


def test_zip_over_http(cluster: Cluster, files: list[Path]) -> None:
    """A zip archive is named where its server sends no parts of files."""
    with serving(files[0].parent) as url:
        ran = run_jobmock("check", f"{url}/5.zip")
    assert ran.code == 2 and "Error" not in ran.err and f"jobmock: {url}/5.zip " in ran.err


def test_the_scheduler_dies(cluster: Cluster, files: list[Path]) -> None:
    """A scheduler that dies in the middle ends the check with 3 and one sentence."""
    with started(1) as dying, serving(files[0].parent, lambda name: dying.kill()) as url:
        ran = dying.run("check", f"{url}/0.jsonl")
    text = f"jobmock: The cluster at {dying.address} is gone, so the check isn't complete.\n"
    assert (ran.code, ran.out, ran.err) == (3, "", text)


def test_record_from_an_address(cluster: Cluster, files: list[Path], tmp_path: Path) -> None:
    """`record --from` reads what is at an address too, and writes what it writes of the same file here."""
    with serving(files[0].parent) as url:
        there = run_jobmock("record", "--from", f"{url}/3.jsonl", "--output", tmp_path / "there")
    here = run_jobmock("record", "--from", files[3], "--output", tmp_path / "here")
    assert there.code == here.code == 0
    written = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("there", "here")]
    assert written[0] == written[1] != {}


def test_zstandard(cluster: Cluster, files: list[Path], tmp_path: Path) -> None:
    """A file that is compressed with Zstandard is read; one that is cut off is named."""
    packed = tmp_path / "a.zst"
    pack = "import sys; from backports.zstd import compress; sys.stdout.buffer.write(compress(sys.stdin.buffer.read()))"
    packed.write_bytes(_compressed(pack, files[3].read_bytes()))
    plain, read = (json.loads(cluster.run("check", path, *REPORT).out) for path in (files[3], packed))
    assert read["judged"] == plain["judged"] and len(read["violations"]) == len(plain["violations"])
    packed.write_bytes(packed.read_bytes()[:-20])
    cut = cluster.run("check", packed, *REPORT)
    assert (cut.code, cut.err) == (2, f"jobmock: {packed} can't be read: it ends too early.\n")


def _compressed(code: str, data: bytes) -> bytes:
    """Return data that a Python with jobmock[cluster] compresses."""
    return subprocess.run([PYTHON, "-c", code], input=data, capture_output=True, timeout=HANGS, check=True).stdout


def test_file_that_ends_each_worker(cluster: Cluster, files: list[Path]) -> None:
    """A file that ends one worker after another ends the check with 3, and is named."""
    with serving(files[0].parent, lambda name: cluster.kill_a_worker()) as url:
        ran = cluster.run("check", f"{url}/0.jsonl")
    text = f"jobmock: {url}/0.jsonl ended several workers one after another. Is their memory large enough?\n"
    assert (ran.code, ran.out, ran.err) == (3, "", text)


def test_workers_that_write_to_disk(cluster: Cluster, files: list[Path]) -> None:
    """Workers that may write data to disk are refused, with what to set."""
    with started(1, spills=True) as spilling:
        ran = spilling.run("check", *files)
    assert (ran.code, ran.out) == (2, "")
    assert "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False" in ran.err and len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(("address", "code", "says"), [
    ("tcp://127.0.0.1:9", 3, "jobmock: No scheduler of Dask answers at tcp://127.0.0.1:9.\n"),
    ("nonsense://x", 2, "jobmock: --cluster 'nonsense://x' is no address of a scheduler, such as tcp://host:8786.\n"),
])  # fmt: skip
def test_no_cluster(address: str, code: int, says: str, cluster: Cluster, tmp_path: Path) -> None:
    """Where no scheduler answers, that is one sentence."""
    ran = run_jobmock("check", write(tmp_path / "a.jsonl", []), "--cluster", address)
    assert (ran.code, ran.out, ran.err) == (code, "", says)


def test_documented_commands(cluster: Cluster, files: list[Path]) -> None:
    """The commands of the page start a cluster on this machine, and check files there."""
    (script,) = blocks("schemas/README.md", "sh", "Many machines")
    for number, path in enumerate(files[2:5]):
        path.with_name(f"exchanges-{number}.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    environment = {"PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"}
    printed = run(script.replace("8786", str(free_port())), files[0].parent, environment)
    assert re.search(r"^\d+ answers judged: \d+ breaking", printed, re.MULTILINE)


def test_nothing_matches(cluster: Cluster, tmp_path: Path) -> None:
    """A pattern that no file matches ends with 2."""
    ran = cluster.run("check", tmp_path / "*.har")
    assert (ran.code, ran.err) == (2, f"jobmock: No file matches {tmp_path}/*.har.\n")
