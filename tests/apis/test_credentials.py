"""APIs whose keys are in another header, or that have none, are served and judged like those with bearer keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from tests.apis.distributions import TOAST, distribute, run_python

GRILL = """
from dataclasses import fields, replace
from jobmock.dialect.api import DEFAULT, Api
from jobmock.dialect.credentials import NO_KEY, Credential
from toast_api import API as TOAST

moved = tuple(replace(one, path=one.path.replace("toasts", "grills")) for one in TOAST.operations)
API = Api(name="grill", operations=moved, transitions=TOAST.transitions, shows=TOAST.shows, errors=TOAST.errors,
          results=TOAST.results, credential={credential})
"""
IN_A_HEADER, BEHIND_A_WORD, WITHOUT = (
    "Credential(header=b'x-grill-token', scheme='')", "Credential(scheme='Grill')", "NO_KEY",
)  # fmt: skip
PRELUDE = """
import httpx
from hypothesis import given, settings
from jobmock import Catalogue, Service, apis, in_process, strategies
from jobmock.dialect import openapi_documents

grill, service = apis.load("grill"), Service(Catalogue())
client = httpx.Client(transport=in_process(service), base_url="http://mock")

def headers(name):
    return grill.credential.headers(grill.key(name))

def poll(job, name):
    return client.get(f"/grills/{job}", headers=headers(name)).status_code
"""


def run_with(tmp_path: Path, credential: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that finds an API `grill` whose keys are sent in some way."""
    distribute(tmp_path, "grill-api", {"grill": "grill_api"}, GRILL.format(credential=credential))
    copytree(TOAST / "toast_api" / "schemas", tmp_path / "grill_api" / "schemas")
    (tmp_path / "grill_api" / "scenarios").mkdir()
    usual = (TOAST / "toast_api" / "scenarios" / "usual.yaml").read_text("utf-8")
    (tmp_path / "grill_api" / "scenarios" / "usual.yaml").write_text(usual.replace("api: toast", "api: grill"))
    ran = run_python(*args, places=[tmp_path, TOAST])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


KEYS_IN_HEADERS = PRELUDE + """
job = client.post("/grills", headers=headers("a")).json()["id"]
assert (poll(job, "a"), poll(job, "b")) == (202, 404)
assert client.get("/grills/1").json()["error"]["message"] == f"There is no header {grill.credential.form('sk_grill_')}"
wrong = client.get("/grills/1", headers=grill.credential.headers("sk_toast_1")).json()["error"]["message"]
assert wrong == "The API key is invalid. One begins with sk_grill_."
elsewhere = client.get("/toasts/1", headers=headers("a"))
assert elsewhere.status_code == 401
journals = {one.key: one.journal for one in service.namespaces}
counts = {key: len(journal) for key, journal in journals.items()}
assert counts == {"sk_grill_a": 3, "sk_grill_b": 1} and len(service.namespaces.outside) == 2
assert list(journals["sk_grill_a"])[-1].note == "the key is one of grill (sk_grill_…), this route is toast's"
"""


@pytest.mark.parametrize("credential", [IN_A_HEADER, BEHIND_A_WORD])
def test_keys_in_their_own_way(tmp_path: Path, credential: str) -> None:
    """Each key has a namespace. A missing key and another API's one are refused with how a key is sent."""
    run_with(tmp_path, credential, "-c", KEYS_IN_HEADERS)


NO_KEYS = PRELUDE + """
job = client.post("/grills").json()["id"]
assert (client.get(f"/grills/{job}").status_code, poll(job, "b")) == (202, 202)
assert client.get(f"/grills/{job}", headers={"authorization": "Bearer lk_1"}).status_code == 202
(own,) = service.namespaces
assert (own.api, own.key, len(own.journal)) == ("grill", "sk_grill_shared", 4)
"""


def test_an_api_without_keys(tmp_path: Path) -> None:
    """All requests share one namespace, whatever key they have."""
    run_with(tmp_path, WITHOUT, "-c", NO_KEYS)


DRAWN = PRELUDE + """
@settings(max_examples=15, database=None, deadline=None)
@given(strategies.responses("grill"))
def drawn(response):
    assert response.status in (200, 202)

drawn()
print(openapi_documents.bundled(grill).get("components", {}).get("securitySchemes"))
"""


@pytest.mark.parametrize(
    ("credential", "scheme"),
    [
        (IN_A_HEADER, {"type": "apiKey", "in": "header", "name": "x-grill-token"}),
        (BEHIND_A_WORD, {"type": "http", "scheme": "grill"}),
        (WITHOUT, None),
    ],
)
def test_answers_are_drawn_and_described(tmp_path: Path, credential: str, scheme: dict[str, str] | None) -> None:
    """jobmock's own requests have the key in the right place, and the made OpenAPI document says where that is."""
    printed = run_with(tmp_path, credential, "-c", DRAWN).stdout
    described = {"key": {**(scheme or {}), "description": "A key begins with `sk_grill_`."}}
    assert printed == f"{described if scheme else None}\n"


CLIENT = """
import json, os, time, urllib.request as u
name = {header!r}
headers = {{name: {word!r} + os.environ["GRILL_API_KEY"]}} if name else {{}}
url = os.environ["GRILL_BASE_URL"] + "/grills/" + os.environ["GRILL_JOB_ID"]
while (answer := u.urlopen(u.Request(url, headers=headers))).status == 202:
    time.sleep(5)
print(len(json.load(answer)["slices"]))
"""


@pytest.mark.parametrize(
    ("credential", "header", "word"),
    [(IN_A_HEADER, "X-Grill-Token", ""), (BEHIND_A_WORD, "Authorization", "Grill "), (WITHOUT, "", "")],
)
def test_a_client_is_run(tmp_path: Path, credential: str, header: str, word: str) -> None:
    """`jobmock run` plays a scenario in virtual time to a client that sends its key in this way, and finds nothing."""
    code = CLIENT.format(header=header, word=word)
    run = ("-m", "jobmock", "run", "--scenario", "grill/usual", "--with-job", "--", sys.executable, "-c", code)
    ran = run_with(tmp_path, credential, *run)
    assert ran.stdout == "3\n" and "no findings" in ran.stderr


def test_keys_are_explained(tmp_path: Path) -> None:
    """`jobmock keys` says how a key is sent that is no bearer token."""
    printed = run_with(tmp_path, IN_A_HEADER, "-m", "jobmock", "keys").stdout
    assert "sk_grill_…  grill, sent as X-Grill-Token: sk_grill_…" in printed and "sk_toast_…  toast\n" in printed


@pytest.mark.parametrize(
    ("credential", "facts"),
    [
        (IN_A_HEADER, {"prefix": "sk_grill_", "header": "X-Grill-Token: ", "variable": "GRILL_API_KEY"}),
        (WITHOUT, {"prefix": None, "header": None, "variable": None}),
    ],
)
def test_the_page_knows_how_a_key_is_sent(tmp_path: Path, credential: str, facts: dict[str, str | None]) -> None:
    """A command that is copied from the page has the key of such an API in its header, or no key."""
    code = "from jobmock.server.page.api_facts import api_facts; print(dict(api_facts()['grill']))"
    printed = run_with(tmp_path, credential, "-c", code).stdout
    assert printed == f"{ {**facts, 'start': '/grills', 'bodies': {'start': {}}} }\n"


@pytest.mark.parametrize("credential", [IN_A_HEADER, BEHIND_A_WORD, WITHOUT])
def test_the_demo_plays_it(tmp_path: Path, credential: str) -> None:
    """`jobmock demo` plays its scenarios, also where no key can name them. Its control calls have the key too."""
    code = (
        "from jobmock.catalogue import Catalogue; names = Catalogue.names\n"
        "Catalogue.names = lambda self: [one for one in names(self) if one.startswith('grill/')]\n"
        "from jobmock.cli import main; main(['demo'])"
    )
    assert "1 scenarios, 6 polls, no wrong outcomes" in run_with(tmp_path, credential, "-c", code).stdout
