"""The Python snippets of the documents are tests that pass."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from tests.documents.reading import DOCUMENTS, blocks
from tests.documents.running import run
from tests.support import examples

STORY_OF = """
import time

import httpx
import pytest

JOBS = "/api/search/deep_research"


@pytest.mark.jobmock("clado/rate-limited-once")
def test_that_fails(clado_mock):
    with httpx.Client(base_url=clado_mock.url, headers={"Authorization": f"Bearer {clado_mock.api_key}"}) as client:
        job = client.post(JOBS, json={"query": "chemists"}).json()["job_id"]
        for pause in (5, 0.007, 5, 2):
            client.get(f"{JOBS}/{job}")
            time.sleep(pause)
    clado_mock.verify()
"""


def test_snippets_pass(tmp_path: Path) -> None:
    """Each snippet is a test that passes without a finding; as in CI, where Hypothesis has no deadline.

    A client is tried with fewer examples than a snippet says.
    """
    fewer = partial(re.sub, r"(?<=max_examples=)\d+", lambda found: str(examples(int(found[0]))))
    snippets = [(name, fewer(code)) for name in DOCUMENTS for code in blocks(name, "python")]
    for number, (_, code) in enumerate(snippets):
        (tmp_path / f"test_snippet_{number}.py").write_text(code)
    (tmp_path / "client.mjs").write_text(*blocks("mockserver/CLIENT_COMMANDS.md", "js"))
    without = "" if shutil.which("node") else "-k 'not node'"
    options = "-q -p no:cacheprovider -p no:schemathesis --jobmock-etiquette error --junit-xml=seen.xml"
    printed = run(f"export CI=true; python -m pytest {options} {without}", tmp_path)
    seen = [set[str]() for _ in snippets]
    for case in ElementTree.parse(tmp_path / "seen.xml").iter("testcase"):
        number = re.findall(r"^test_snippet_(\d+)", case.attrib["classname"])[0]
        seen[int(number)] |= {child.tag for child in case} - {"properties"} or {"passed"}
    if without:
        seen = [found or {"passed"} for found in seen]
    assert seen == [{"passed"}] * len(snippets), printed


def test_story_is_the_one_that_is_printed(tmp_path: Path) -> None:
    """The story on the plugin's page is what a failed test prints, but for the job's id."""
    (tmp_path / "test_it.py").write_text(STORY_OF)
    printed = run("python -m pytest -q -p no:cacheprovider -p no:schemathesis || test $? = 1", tmp_path)
    assert _without_ids(blocks("pytest_plugin/README.md", "text")[1]) in _without_ids(printed)


def test_table_of_coverage_is_the_one_that_is_printed(tmp_path: Path) -> None:
    """The parts of the table on the plugin's page, between dots, are what a run with coverage prints, in this order."""
    (tmp_path / "test_it.py").write_text(STORY_OF)
    flags = "-q -p no:cacheprovider -p no:schemathesis --jobmock-coverage"
    printed = run(f"python -m pytest {flags} || test $? = 1", tmp_path)
    for part in blocks("pytest_plugin/README.md", "text")[0].split("…\n"):
        assert part in printed
        printed = printed.partition(part)[2]


def _without_ids(text: str) -> str:
    return re.sub(r"/[0-9a-f]{8}…", "/…", text)
