"""The shell commands of the documents do what is said beside them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from tests.documents.reading import DOCUMENTS, ROOT, blocks, tables, text_of
from tests.documents.running import run, run_blocks
from tests.free_ports import free_port

SERVER, COMMANDS = "mockserver/README.md", "mockserver/CLIENT_COMMANDS.md"
FINDINGS = "curl -s http://127.0.0.1:8087/__jobmock/findings"


def statuses(printed: str) -> list[str]:
    """Return every status in what was printed."""
    return re.findall(r'"status":"(\w+)"', printed)


def nothing_found(printed: str) -> bool:
    """Say whether the server, at its end, has found nothing wrong with any client."""
    return bool(json.loads(printed)["findings"] == [])


def test_two_lines_are_the_ones_ci_runs() -> None:
    """The README has the demo line and the test line, each once, and CI runs the test line as it is."""
    lines = [line.strip() for line in text_of("README.md").splitlines() if line.startswith("    python3 -m venv")]
    assert [line.rpartition("&& ")[2] for line in lines] == [".venv/bin/jobmock demo", ".venv/bin/python -m pytest"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_minute_for_any_language() -> None:
    """The README's one command runs a client to the end of its job, and ends with 0."""
    (command,) = blocks("README.md", "sh", "One minute: any other language")
    assert statuses(run(command, ROOT))[-1] == "completed"


def test_run_as_shown(tmp_path: Path) -> None:
    """The page's commands run clients as it says: the verdict of the first one is the one shown."""
    one, several = blocks(SERVER, "sh", "Run a client of any language")
    verdict = blocks(SERVER, "text", "Run a client of any language")[0]
    printed = run(f"{one.rstrip()} 2>&1", tmp_path)
    assert statuses(printed)[-1] == "completed"
    assert re.sub(r"[\d.]+ s;", "N s;", printed.splitlines()[-1]) == re.sub(r"[\d.]+ s;", "N s;", verdict.strip())
    assert run(f"{several.rstrip()} 2>&1", tmp_path).endswith("2 runs: 2 passed, 0 failed.\n")
    assert list(tmp_path.iterdir()) == []


def test_minute_for_the_server() -> None:
    """The README's commands poll a job to its end, and the rules find nothing wrong with them."""
    (printed, _) = run_blocks(blocks("README.md", "sh", "One minute: the server"), ROOT)
    assert statuses(printed)[-1] == "completed"
    assert printed.rstrip().endswith('"How the client\'s call ended isn\'t known."}}')
    assert '"findings":[]' in printed


def test_server_is_polled_as_shown(tmp_path: Path) -> None:
    """The page of the server starts it and polls a job of each API to its end; the rules find nothing."""
    _, _, first, clado, orbit, by_key, shared, _, _, _, control, *_ = blocks(SERVER, "sh")
    ready, of_clado, of_orbit, named, waited, calls, found = run_blocks(
        [first, clado, orbit, by_key, shared, control], tmp_path, last=FINDINGS
    )
    assert " is ready: jobmock " in ready
    assert statuses(of_clado)[-1] == "completed" and '"total_pages":2' in of_clado
    assert statuses(of_orbit)[-1] == "completed"
    assert '"scenario":"clado/slow","status":"completed"' in named
    assert waited.strip().endswith('{"now":5000000000,"reason":"time"}')
    assert '"error":"' not in calls and '"detail"' not in calls
    assert nothing_found(found)


def test_control_port_serves_as_shown(tmp_path: Path) -> None:
    """The page's server with a control port answers control calls there, and with 404 on the port of the APIs."""
    (script,) = blocks(SERVER, "sh", "Who may make control calls")
    (printed, _) = run_blocks([script], tmp_path)
    assert printed.index('"status":"ok"') < printed.index('"status":404')


def test_preflight_is_answered_as_shown(tmp_path: Path) -> None:
    """The page's server with `--cors` allows the preflight that is shown."""
    (script,) = blocks(SERVER, "sh", "Web pages of another origin")
    (printed, _) = run_blocks([script], tmp_path)
    assert "access-control-allow-origin: http://localhost:3000" in printed
    assert "access-control-allow-headers: authorization" in printed


def test_https_is_served_as_shown(tmp_path: Path) -> None:
    """The page's server with TLS answers curl, which trusts the file that the server has written."""
    (script,) = blocks(SERVER, "sh", "TLS")
    (printed, _) = run_blocks([script], tmp_path)
    assert '"status":"ok"' in printed


def test_several_servers_are_started_as_shown(tmp_path: Path) -> None:
    """The page's loop starts four servers, and waits for all of them."""
    (script,) = blocks(SERVER, "sh", "Several servers")
    for port in ("8101", "8102", "8103", "8104"):
        script = script.replace(port, str(free_port()))
    (printed, _) = run_blocks([script], tmp_path)
    assert printed.count(" is ready: jobmock ") == 4


def test_command_explains_itself() -> None:
    """Each command of the last chapter runs in the repository."""
    printed = run(blocks(SERVER, "sh", "The command")[0], ROOT)
    assert "clado/two-pages" in printed and "Usage: jobmock" in printed


def test_mistake_is_reported_as_shown(tmp_path: Path) -> None:
    """A mistake in a scenario is reported in the words that the page of scenarios shows."""
    command, expected = blocks("scenarios/README.md", "console")[0].removeprefix("$ ").split("\n", 1)
    good = (ROOT / "scenarios" / "clado" / "usual.yaml").read_text("utf-8").split("\n", 1)[1]
    (tmp_path / "broken.yaml").write_text(re.sub(r"summary: .*\n", "", good).replace("pending", "pendign"))
    assert run(f"{command} 2>&1 || test $? = 2", tmp_path) == expected


def test_schema_line_of_an_editor(tmp_path: Path) -> None:
    """The command for editors writes the file that the line in a scenario of a folder beside it names."""
    (command,) = blocks("schemas/README.md", "sh", "In an editor")
    run(command, tmp_path)
    (line,) = blocks("schemas/README.md", "yaml", "In an editor")
    (tmp_path / "scenarios").mkdir()
    assert (tmp_path / "scenarios" / line.strip().partition("$schema=")[2]).is_file()


def write_client(folder: Path) -> None:
    """Write the clients of the pages: that in Python as a module, that in Node as a program."""
    client = next(code for code in blocks("pytest_plugin/README.md", "python") if "def wait_for(" in code)
    (folder / "shop").mkdir()
    (folder / "shop" / "people.py").write_text(client)
    (folder / "client.mjs").write_text(*blocks(COMMANDS, "js"))


def test_every_short_script_is_played(tmp_path: Path) -> None:
    """The page's client in Python survives every script, and so does a client in Node; the shortest ones are tried."""
    in_python, in_node = blocks("pytest_plugin/README.md", "sh")[0].splitlines()
    write_client(tmp_path)
    lines = [re.sub(r"--length \d", "--length 1", line) for line in (in_python, in_node)]
    run("\n".join(lines if shutil.which("node") else lines[:1]), tmp_path)
    assert json.loads((tmp_path / "clado.json").read_text())


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
def test_commands_that_run_a_client_in_node(tmp_path: Path) -> None:
    """The page's program in Node survives every short script, as a command that runs once and as a persistent one."""
    write_client(tmp_path)
    once, persistent = blocks(COMMANDS, "sh")[0].splitlines()
    printed = run("\n".join(re.sub(r"--length \d", "--length 1", line) for line in (once, persistent)), tmp_path)
    assert printed.count("node client.mjs: 8 scripts of up to 1 of 7 symbols") == 2


def test_commands_that_run_a_client_in_python(tmp_path: Path) -> None:
    """The page's program in Python does so, too."""
    write_client(tmp_path)
    (program,) = blocks(COMMANDS, "py")
    (tmp_path / "client.py").write_text(program)
    for option in ("--persistent", ""):
        run(f"jobmock exhaust --api clado --length 1 --alphabet 503,hang {option} -- python client.py", tmp_path)


@pytest.fixture(scope="module")
def installs() -> list[str]:
    """The commands of the README that install jobmock into another project."""
    (table,) = tables("README.md", "Install it into your own project")
    return [command for row in table[1:] for command in re.findall(r"`(pip [^`]+)`", row[1])]


def test_address_of_the_repository_is_named_once(installs: list[str]) -> None:
    """Whoever publishes jobmock changes one line: no other document has the address, or installs from the index."""
    assert sum(text_of(name).count("git+https://example.com") for name in DOCUMENTS) == 1
    assert not re.search(r"pip install '?jobmock\b(?! @)", "".join(map(text_of, DOCUMENTS)))
    assert len(installs) == 4


def test_every_way_to_install_works(installs: list[str], tmp_path: Path) -> None:
    """From the repository, a wheel and a checkout the same package is installed; its dependencies are left out here."""
    pytest.importorskip("hatchling")
    pytest.importorskip("pip", reason="This environment has no pip of its own.")
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("This is no checkout, or git isn't installed.")
    quick = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_DEPS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_QUIET": "1"}
    instead = ("url.file://" + str(ROOT) + ".insteadOf", "https://example.com/jobmock.git")
    quick |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": instead[0], "GIT_CONFIG_VALUE_0": instead[1]}
    for number, lines in enumerate((installs[:1], installs[1:3], installs[3:])):
        script = "\n".join(lines)
        script = script.replace("path/to/jobmock", shlex.quote(str(ROOT)))
        place = tmp_path / str(number)
        run(script.replace("pip install", f"pip install --target {place}"), tmp_path, quick)
        assert (place / "jobmock" / "_data" / "schemas" / "scenario.schema.json").is_file()
        assert (place / "pytest_jobmock" / "plugin.py").is_file()
