"""The README's commands and snippets, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from tests.forking import PARENT
from tests.support import HANGS, examples, free_port

from jobmock import scenario, settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def blocks(language: str, text: str = README) -> list[str]:
    """Return the fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def chapter(title: str) -> str:
    """Return one chapter, from its heading to the next."""
    return re.split(r"^(?=## )", README.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def run(script: str, cwd: Path) -> str:
    """Run a shell script with this environment's commands first on the path; return what it printed."""
    missing = [tool for tool in ("bash", "curl") if tool in f"bash {script}" and not shutil.which(tool)]
    if missing:
        pytest.skip(f"There is no {' and no '.join(missing)} here.")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=cwd, env={**os.environ, "PATH": PATH, "NO_COLOR": "1"},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_two_lines_are_the_ones_ci_runs() -> None:
    """The README has the demo line and the test line, each once, and CI runs the test line as it stands."""
    lines = [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]
    assert [line.rpartition("&& ")[2] for line in lines] == [".venv/bin/jobmock demo", ".venv/bin/python -m pytest"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_shell_commands_do_what_is_said() -> None:
    """Every shell command of the README runs, and the curl commands poll a job of each API to its end."""
    elsewhere = ("Against the live API", "Recording a scenario")
    text = README
    for name in elsewhere:
        text = text.replace(chapter(name), "")
    server, clado, orbit, by_key, command = blocks("sh", text)
    port = free_port()
    script = "trap 'kill $(jobs -p)' EXIT\n" + "\necho; echo '# next'\n".join((server, clado, orbit, by_key, command))
    printed = run(script.replace("8087", str(port)), ROOT).split("# next")
    assert '"status":"ok"' in printed[0]
    assert re.findall(r'"status":"(\w+)"', printed[1])[-1] == "completed"
    assert '"total_pages":2' in printed[1]
    assert re.findall(r'"status":"(\w+)"', printed[2])[-1] == "completed"
    assert '"scenario":"clado/slow","status":"completed"' in printed[3]
    assert "clado/two-pages" in printed[4]
    assert "Usage: jobmock" in printed[4]


def test_recording_is_played_back(tmp_path: Path) -> None:
    """The commands of the chapter on recording record a job of a mock that stands for the live API, and play it."""
    record, play = blocks("sh", chapter("Recording a scenario"))
    live, proxy, again = free_port(), free_port(), free_port()
    script = f"trap 'kill $(jobs -p) || true' EXIT\njobmock serve --port {live} 2> live.log > /dev/null &\n"
    script += f"curl -s --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:{live}/__jobmock/ready\n"
    script += f"{record}wait $!\necho '# next'\n{play}"
    ports = {"https://search.clado.ai": f"http://127.0.0.1:{live}", "8088": f"{proxy}", "8089": f"{again}"}
    for shown, real in ports.items():
        script = script.replace(shown, real)
    recorded, played = run("export CLADO_API_KEY=lk_secret\n" + script, tmp_path).split("# next")
    assert '"event": "ready"' in recorded
    assert re.search(r"1\. +pending .*\n +2\. +searching .*\n +3\. +processing .*\n +4\. +completed +for ever", played)
    assert '"status":"pending"' in played
    assert "lk_secret" not in "".join(path.read_text() for path in (tmp_path / "recorded").iterdir())
    assert len((tmp_path / "recorded.jsonl").read_text().splitlines()) == 9


FEW = f"""
from hypothesis import settings

settings.register_profile("few", settings.get_profile("ci"), max_examples={examples(100)})
settings.load_profile("few")
"""


def test_python_snippets_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python snippet of the README is a test that passes; as in CI, where Hypothesis has no deadline."""
    snippets = blocks("python")
    for number, snippet in enumerate(snippets):
        (tmp_path / f"test_snippet_{number}.py").write_text(snippet)
    (tmp_path / "conftest.py").write_text(FEW)
    without = () if shutil.which("node") else ("-k", "not node")
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--junit-xml=seen.xml", *without)
    monkeypatch.setenv("CI", "true")
    ran = PARENT.run("pytest", options, tmp_path, HANGS)
    seen = [set[str]() for _ in snippets]
    for case in ElementTree.parse(tmp_path / "seen.xml").iter("testcase"):
        number = re.findall(r"^test_snippet_(\d+)", case.attrib["classname"])[0]
        seen[int(number)] |= {child.tag for child in case} - {"properties"} or {"passed"}
    assert seen == [{"passed"}] * len(snippets), ran.out + ran.err


def test_scenario_is_the_bundled_one() -> None:
    """The README's scenario is the bundled file it says it is, to the letter."""
    text = next(block for block in blocks("yaml") if "progression:" in block)
    assert text == (ROOT / "scenarios" / "clado" / "two-pages.yaml").read_text("utf-8")
    assert scenario.from_text(text).results.count == 47


def test_limits_file_is_accepted(tmp_path: Path) -> None:
    """The README's limits file can be used as it stands."""
    text = next(block for block in blocks("yaml") if "burst:" in block)
    (tmp_path / "limits.yaml").write_text(text)
    found = settings.limits_from_file(tmp_path / "limits.yaml")
    assert {api: set(limits) for api, limits in found.items()} == {
        api: set(limits) for api, limits in yaml.safe_load(text).items()
    }
    assert found["orbit"]["start"] is None


def test_error_looks_like_that(tmp_path: Path) -> None:
    """A mistake in a scenario is reported in the words that the README shows."""
    shown = blocks("console")[0]
    command, expected = shown.removeprefix("$ ").split("\n", 1)
    good = (ROOT / "scenarios" / "clado" / "usual.yaml").read_text("utf-8").split("\n", 1)[1]
    (tmp_path / "broken.yaml").write_text(re.sub(r"summary: .*\n", "", good).replace("pending", "pendign"))
    done = subprocess.run(
        ["bash", "-c", f"{command} 2>&1"], cwd=tmp_path, env={**os.environ, "PATH": PATH}, capture_output=True,
        text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, expected)
