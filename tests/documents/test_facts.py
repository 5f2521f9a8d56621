"""The facts about the APIs: what the schemas, the code and the tests refer to is there, and its examples are valid."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from tests.api_facts import OWN
from tests.documents.reading import ROOT, anchors, text_of

from jobmock.contract import body_validation

MARK = re.compile(r"schemas/(\w+)/README\.md((?:[,-]?#[\d.]*\d)+)")
SCHEMAS = {
    ("clado", "4.1"): "start-response", ("clado", "4.2"): "status", ("clado", "4.4"): "status",
    ("clado", "4.5"): "pagination", ("clado", "4.7"): "cancel-response", ("clado", "4.8"): "more-response",
    ("clado", "7"): "error-rate-limited", ("clado", "8"): "error",
    ("orbit", "4.1"): "start-response", ("orbit", "4.2"): "start-response", ("orbit", "4.3"): "status",
    ("orbit", "4.4"): "status", ("orbit", "4.5"): "status", ("orbit", "4.6"): "status", ("orbit", "4.7"): "profile",
    ("orbit", "4.8"): "error-credits",
}  # fmt: skip
"""The schema of the examples in each section."""


def tracked() -> list[str]:
    """Return the names of the tracked text files that may refer to a fact."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    endings = (".py", ".json", ".yaml", ".yml", ".md", ".toml")
    return [name for name in found.split("\0") if name.endswith(endings) and (ROOT / name).is_file()]


@pytest.mark.parametrize("api", OWN)
def test_every_mark_leads_to_a_fact(api: str) -> None:
    """What refers to a section of the facts, in code, schemas, tests or documents, refers to one that exists."""
    known, lost, seen = anchors(f"schemas/{api}/README.md"), [], 0
    for name in tracked():
        for mark in MARK.finditer((ROOT / name).read_text("utf-8", "replace")):
            if mark[1] == api:
                wanted = re.findall(r"#([\d.]*\d)", mark[2])
                seen += len(wanted)
                lost += [f"{name}: #{one}" for one in wanted if one not in known]
    assert lost == [] and seen > 100


def examples(api: str) -> list[tuple[str, str]]:
    """Return the JSON examples of an API's facts, each with the number of its section."""
    text = text_of(f"schemas/{api}/README.md")
    parts = re.split(r'^#{2,3} <a id="([\d.]+)">', text, flags=re.MULTILINE)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return [(number, code) for number, part in sections for code in re.findall(r"```json\n(.*?)```", part, re.DOTALL)]


@pytest.mark.parametrize("api", OWN)
def test_examples_obey_the_schemas(api: str) -> None:
    """Each example of a message is valid by the schema of that message."""
    for number, code in examples(api):
        assert body_validation.violations(f"{api}/{SCHEMAS[api, number]}.json", json.loads(code)) == [], number
