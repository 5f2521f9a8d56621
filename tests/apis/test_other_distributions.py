"""An API of another distribution is played like jobmock's own. One that can't be used is named, and stops no other."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from tests.apis.distributions import TOAST, distribute, run_python

from jobmock import api_packages, apis
from jobmock.api_packages import ApiPackage
from jobmock.apis.other_distributions import OtherApis, load_others
from jobmock.contract import documents


def jobmock(*args: str, places: list[Path]) -> tuple[int, str, str]:
    """Run the command in a process that finds these distributions. Return its exit code, its output and its errors."""
    ran = run_python("-m", "jobmock", *args, places=places)
    return ran.returncode, ran.stdout, ran.stderr


def test_its_scenarios_are_listed_and_explained() -> None:
    """Its scenarios come from its own package, with the words of its own schema."""
    code, out, err = jobmock("list", "--api", "toast", places=[TOAST])
    assert (code, out, err) == (0, "toast/usual  Two steps by time, then three slices.\n", "")
    code, out, err = jobmock("explain", "toast/usual", places=[TOAST])
    assert (code, err) == (0, "") and "toasted   for ever  3 slices" in out


def test_its_coverage_names_its_scenarios(tmp_path: Path) -> None:
    """What a client can meet of it is listed, with the scenarios that its own table names."""
    copytree(TOAST, tmp_path / "toast")
    table = tmp_path / "toast" / "toast_api" / "scenarios" / "coverage.tsv"
    table.write_text("status\t200 toasted\ttoast/usual\n")
    code = (
        "from jobmock.coverage import Cell, cells_of; from jobmock.coverage.bundled_scenarios import scenario_for\n"
        "print([cell.name for cell in cells_of('toast') if scenario_for(cell)], len(cells_of('toast')) > 10)"
    )
    assert run_python("-c", code, places=[tmp_path / "toast"]).stdout == "['200 toasted'] True\n"
    assert run_python("-c", code, places=[TOAST]).stdout == "[] True\n"


def test_its_words_are_in_the_schema_of_scenarios(tmp_path: Path) -> None:
    """A file with its statuses is fine, another one is refused with them, and the schema for editors has them."""
    (tmp_path / "fine.yaml").write_text("version: 1\napi: toast\nprogression: [{status: burnt}]\n")
    (tmp_path / "wrong.yaml").write_text("version: 1\napi: toast\nprogression: [{status: running}]\n")
    assert jobmock("lint", str(tmp_path / "fine.yaml"), places=[TOAST])[0] == 0
    code, out, err = jobmock("lint", str(tmp_path / "wrong.yaml"), places=[TOAST])
    assert code == 2 and "Allowed: queued, toasting, toasted, burnt, not_found." in out + err
    words = json.loads(jobmock("schema", places=[TOAST])[1])["definitions"]["words_of_toast"]
    assert words["definitions"]["status"]["enum"] == ["queued", "toasting", "toasted", "burnt", "not_found"]


def test_a_client_of_it_is_run_and_judged() -> None:
    """`jobmock run` gives a client its address, key and job, plays a scenario, and finds what the client does wrong."""
    code = (
        "import os, time, urllib.request as u\n"
        "for pause in (30, 0, 0, 0, 0):\n"
        "    url = os.environ['TOAST_BASE_URL'] + '/toasts/' + os.environ['TOAST_JOB_ID']\n"
        "    bearer = {'Authorization': 'Bearer ' + os.environ['TOAST_API_KEY']}\n"
        "    print(u.urlopen(u.Request(url, headers=bearer)).status)\n"
        "    time.sleep(pause)\n"
    )
    run = ("run", "--scenario", "toast/usual", "--with-job", "--", sys.executable, "-c", code)
    exit_code, out, err = jobmock(*run, places=[TOAST])
    assert (exit_code, out.split()) == (1, ["202", *["200"] * 4]), err
    assert "toast: toast/usual; 5 requests in 30 s" in err and "polled-after-end (error)" in err


FIXTURE = """
import time, httpx, pytest

@pytest.mark.parametrize("as_posted", [True, False])
@pytest.mark.jobmock("toast/usual")
def test_toast(toast_mock, as_posted):
    headers = {"Authorization": f"Bearer {toast_mock.api_key}"}
    with httpx.Client(base_url=toast_mock.url, headers=headers) as client:
        started = client.post("/toasts") if as_posted else client.put("/toasts/1%2F2")
        assert (started.status_code, started.headers["retry-after"]) == (202, "5")
        while (answer := client.get(started.headers["operation-location"])).status_code == 202:
            time.sleep(int(answer.headers["retry-after"]))
    assert len(answer.json()["slices"]) == 3
    assert started.headers["operation-location"].startswith(f"{toast_mock.url}/toasts/")

def test_put(toast_mock):
    with httpx.Client(base_url=toast_mock.url, headers={"Authorization": f"Bearer {toast_mock.api_key}"}) as client:
        assert [client.put("/toasts/mine").json()["id"] for _ in range(2)] == ["mine", "mine"]
        assert client.get("/toasts/yours").status_code == 404
        assert client.put("/toasts/" + 201 * "x").status_code == 404

LOST = {
    "version": 1, "api": "toast", "progression": [{"status": "toasted"}],
    "faults": [{"operation": "start", "when": {"request": 1}, "disconnect": "before_response"}],
}

@pytest.mark.parametrize("place", ["/toasts", "/toasts/mine"])
@pytest.mark.jobmock(LOST, etiquette="warning")
def test_lost(toast_mock, place):
    with httpx.Client(base_url=toast_mock.url, headers={"Authorization": f"Bearer {toast_mock.api_key}"}) as client:
        send = client.post if place == "/toasts" else client.put
        with pytest.raises(httpx.TransportError):
            send(place)
        assert client.get(send(place).headers["operation-location"]).status_code == 200
    assert [one.rule for one in toast_mock.findings()] == (["started-twice"] if place == "/toasts" else [])

@pytest.mark.jobmock(etiquette="warning")
def test_impatient(toast_mock):
    with httpx.Client(base_url=toast_mock.url, headers={"Authorization": f"Bearer {toast_mock.api_key}"}) as client:
        client.put("/toasts/mine")
        for _ in range(3):
            time.sleep(2)
            client.get("/toasts/mine")
    assert [(one.rule, one.exchanges) for one in toast_mock.findings()] == [("retry-after-ignored", (2, 3))]
"""


STRATEGIES = """
import sys
from hypothesis import find, given, settings
from jobmock import strategies

seen = set()

@settings(max_examples=30, database=None, deadline=None)
@given(strategies.responses("toast"), strategies.off_contract_responses("toast"), strategies.scenarios("toast"))
def drawn(response, broken, scenario):
    seen.update((response.status, scenario.api))
    assert set(response.json()) >= {"id", "status"}

drawn()
assert seen >= {200, "toast"}, seen
"""


def test_its_answers_are_drawn() -> None:
    """Hypothesis draws its answers, broken ones, and scenarios, without an OpenAPI document of its own."""
    ran = run_python("-c", STRATEGIES, places=[TOAST])
    assert ran.returncode == 0, ran.stderr


def test_its_keys_are_cut() -> None:
    """A key of it is in no report, wherever the client sends it."""
    code = (
        "import http.client, os\n"
        "client = http.client.HTTPConnection(os.environ['TOAST_BASE_URL'][len('http://'):])\n"
        "client.request('GET', '/toasts/1?key=sk_toast_' + 'secret')\n"
        "client.getresponse()\n"
    )
    out, err = jobmock("run", "--", sys.executable, "-c", code, places=[TOAST])[1:]
    assert "/toasts/1?key=sk_toast_…" in err and "sk_toast_secret" not in out + err


def test_it_has_fixtures(tmp_path: Path) -> None:
    """A test takes `toast_mock` with nothing to import or to configure."""
    (tmp_path / "test_toast.py").write_text(FIXTURE)
    ran = run_python("-m", "pytest", "-q", "--rootdir", str(tmp_path), str(tmp_path), places=[TOAST])
    assert ran.returncode == 0, ran.stdout


OWN = [apis.load(name) for name in ("clado", "orbit")]
TOAST_API = ApiPackage("toast", "toast_api", "toast-api 1.0")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with distributions, beside that with `toast-api`. Both are found until the test ends."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(TOAST))
    documents._files_of.cache_clear()
    yield tmp_path
    documents._files_of.cache_clear()
    api_packages.found.cache_clear()
    for name in ("bakery", "rival"):
        sys.modules.pop(name, None)


BROKEN = {
    "raise RuntimeError('the oven is cold')": "RuntimeError: the oven is cold",
    "import no_such_oven": "ModuleNotFoundError: No module named 'no_such_oven'",
    "def": "SyntaxError: invalid syntax",
    "raise SystemExit(3)": "SystemExit: 3",
    "": "TypeError: bakery.API is no jobmock.dialect.api.Api.",
    "from dataclasses import replace; import toast_api; API = replace(toast_api.API, name='bread', prefix='b_')": (
        "TypeError: Its keys begin with 'b_'. A prefix has at least 3 characters."
    ),
    "from toast_api import API": "TypeError: bakery.API has the name 'toast', and the entry point 'bread'.",
}


@pytest.mark.parametrize(("code", "reason"), BROKEN.items(), ids=list(BROKEN.values()))
def test_a_broken_one(installed: Path, code: str, reason: str) -> None:
    """An API that can't be imported, or is none, is left out with the reason. The others are there."""
    distribute(installed, "bakery", {"bread": "bakery"}, code)
    api_packages.found.cache_clear()
    found = load_others([ApiPackage("bread", "bakery", "bakery 1.0"), TOAST_API], OWN)
    assert list(found.usable) == ["toast"]
    where = "" if reason.startswith("TypeError") else " at bakery/__init__.py:1"
    assert found.problems["bread"].startswith(f"The API 'bread' of bakery 1.0 can't be used{where}. {reason}")


def test_commands_name_a_broken_one_and_go_on(tmp_path: Path) -> None:
    """What needs the broken API says why it can't be used; all else works, and says it too."""
    distribute(tmp_path, "bakery", {"bread": "bakery"}, "raise RuntimeError('the oven is cold')")
    scenarios = tmp_path / "bakery" / "scenarios"
    scenarios.mkdir()
    (scenarios / "usual.yaml").write_text("version: 1\napi: bread\nprogression: [{status: baked}]\n")
    why = "The API 'bread' of bakery 1.0 can't be used at bakery/__init__.py:1. RuntimeError: the oven is cold.\n"
    code, out, err = jobmock("list", "two-pages", places=[tmp_path])
    assert (code, err) == (0, why) and out.startswith("clado/two-pages")
    code, out, err = jobmock("explain", "bread/usual", places=[tmp_path])
    assert (code, out) == (2, "") and why.strip() in err


LOADING = (
    ("list",), ("keys",), ("schema",), ("lint", "clado.yaml"), ("explain", "clado/two-pages"), ("rules", "no-deadline"),
    ("conform", "--api", "clado", "--list"), ("run", "--", sys.executable, "-c", ""),
    ("check", "clado.yaml"), ("demo",),
)  # fmt: skip


@pytest.mark.parametrize("command", LOADING, ids=[command[0] for command in LOADING])
def test_each_command_names_a_broken_one_once(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever command loads APIs says on stderr, in one line, why one of another distribution can't be used."""
    distribute(tmp_path, "bakery", {"bread": "bakery"}, "raise RuntimeError('the oven is cold')")
    (tmp_path / "clado.yaml").write_text("version: 1\napi: clado\nprogression: [{status: completed}]\n")
    monkeypatch.chdir(tmp_path)
    err = jobmock(*command, places=[tmp_path])[2]
    assert err.count("The API 'bread' of bakery 1.0 can't be used") == 1, err


RIVAL = """
from dataclasses import replace
from toast_api import API as TOAST

PATHS = {paths}
operations = tuple(replace(one, path=path) for one, path in zip(TOAST.operations, PATHS))
apart = dict(name="rival", prefix="rival_", host="rival.invalid", operations=operations)
API = replace(TOAST, **{{**apart, **{change}}})
"""


def load_with_rival(
    installed: Path, change: dict[str, str], paths: tuple[str, str] = ("/breads", "/breads/{job}")
) -> OtherApis:
    """Load the API `toast`, and one like it of the distribution `rival`."""
    distribute(installed, "rival", {"rival": "rival"}, RIVAL.format(change=change, paths=paths), "2.0")
    copytree(TOAST / "toast_api" / "schemas", installed / "rival" / "schemas")
    api_packages.found.cache_clear()
    return load_others([ApiPackage("rival", "rival", "rival 2.0"), TOAST_API], OWN)


@pytest.mark.parametrize(
    ("change", "clash"),
    [
        ({"prefix": "sk_toast_of_mine_"}, "keys that begin with sk_toast_of_mine_"),
        ({"prefix": "sk_toa"}, "keys that begin with sk_toast_"),
        ({"host": "toast.invalid"}, "the host toast.invalid"),
        ({}, None),
    ],
)
def test_two_that_cannot_be_told_apart(installed: Path, change: dict[str, str], clash: str | None) -> None:
    """If a key or a host may belong to two distributions' APIs, neither is used, and both are named."""
    found = load_with_rival(installed, change)
    text = f"The APIs 'rival' of rival 2.0 and 'toast' of toast-api 1.0 can't be used together. Both have {clash}."
    assert found.problems == ({"rival": text, "toast": text} if clash else {})
    assert set(found.usable) == (set() if clash else {"rival", "toast"})


@pytest.mark.parametrize(
    ("paths", "clash"),
    [
        (("/breads", "/toasts/{slice}"), "/toasts/{slice} and /toasts/{job}"),
        (("/{kind}", "/breads/{job}"), "/{kind} and /toasts"),
    ],
)
def test_overlapping_routes(installed: Path, paths: tuple[str, str], clash: str) -> None:
    """If a path may belong to two APIs, they can't be used together, whatever its parameters are called."""
    found = load_with_rival(installed, {}, paths)
    assert {*found.problems} == {"rival", "toast"}
    assert found.problems["toast"].endswith(f" Both have a route for the same requests: {clash}.")


def test_one_that_clashes_with_jobmock(installed: Path) -> None:
    """jobmock's own APIs are always there: only the other one is left out."""
    own = apis.load("orbit")
    found = load_with_rival(installed, {"prefix": f"{own.prefix}x_"})
    assert list(found.usable) == ["toast"]
    text = "The APIs 'orbit' of jobmock and 'rival' of rival 2.0 can't be used together. Both have keys that begin with"
    assert found.problems == {"rival": f"{text} {own.prefix}x_."}
