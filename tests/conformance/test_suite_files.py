"""Files with cases are read whole, and every mistake in one is named with its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api_facts import ALLOWED

from jobmock.conformance.expected_failures import read_expected_failures
from jobmock.conformance.suite import Suite, load_suite
from jobmock.errors import ScenarioError, UsageError

HEAD = "version: 1\napi: clado\nquery: somebody\ncases:\n"
CASE = """\
  - id: mine
    group: endings
    title: The client polls.
    action: poll
    scenario: {scenario}
    expect: {expect}
"""


def case(scenario: str = "usual", expect: str = "{outcome: returns}") -> str:
    """Return a file with one case."""
    return HEAD + CASE.format(scenario=scenario, expect=expect)


def load(folder: Path, text: str) -> Suite:
    """Return the suite of Clado with a file of the user's."""
    (folder / "own.yaml").write_text(text, "utf-8")
    return load_suite("clado", [folder])


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (case(expect="{outcome: returned}"), "10:23", "Allowed: returns, fails, either. Did you mean 'returns'?"),
        (case(expect="{outcome: returns, silent: [polled-to-fast]}"), "10:41", "Did you mean 'polled-too-fast'?"),
        (case(expect="{outcome: returns, requests: {statis: {to: 3}}}"), "10:43", "Did you mean 'status'?"),
        (case(expect="{outcome: returns, requests: {status: {}}}"), "10:51", "needs at least one of from, to"),
        (case(expect="{outcome: returns, status: complete}"), "10:40", "There is no status 'complete'."),
        (case(scenario="usuel"), "9:15", "Did you mean 'clado/usual'?"),
        (case(scenario="orbit/usual"), "9:15", "belongs to orbit, not to clado"),
        (case(scenario="{progression: [{status: compleded}]}"), "9:39", "Did you mean 'completed'?"),
        (case(scenario="{progression: []}"), "9:29", "'progression' is []"),
        (HEAD.replace("clado", "clodo") + CASE.format(scenario="usual", expect="{outcome: fails}"), "2:6",
         f"'api' is 'clodo'. {ALLOWED}. Did you mean 'clado'?"),
        (case().replace("action: poll", "action: pol"), "8:13", "Did you mean 'poll'?"),
        (case().replace("id: mine", "id: My case"), "5:9", "lower-case words with hyphens"),
        (case().replace("id: mine", "id: completed"), "5:9", "The case 'completed' stands in"),
        (case().replace("    action: poll\n", ""), "5:5", "The key 'action' is missing"),
        (HEAD + "  []\n", "5:3", "a list of 1 to 1000 entries"),
        ("version: 1\napi: clado\nquery: x\n", "1:1", "The key 'cases' is missing"),
        ("nonsense: [", "2:1", "This is not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_place(tmp_path: Path, text: str, where: str, words: str) -> None:
    """The error has the line and column of the mistake, what is allowed, and the nearest name."""
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.where.endswith(f"own.yaml:{where}"), problem
    assert words in problem.message


def test_each_makes_a_case_of_every_entry(tmp_path: Path) -> None:
    """With `each` a case is repeated, and the entry takes the place of `{each}`: a number stays a number."""
    more = "    each: [3, 7]\n"
    scenario = '{progression: [{status: pending, after: {seconds: "{each}"}}, {status: completed}]}'
    text = case(scenario=scenario).replace("The client polls.", "It waits {each} s.") + more
    found = [one for one in load(tmp_path, text).cases if one.id.startswith("mine")]
    assert [(one.id, one.title) for one in found] == [("mine/3", "It waits 3 s."), ("mine/7", "It waits 7 s.")]
    ends = [one.plan.scenario.progression[0].after for one in found]
    assert [end and end.time for end in ends] == [3_000_000_000, 7_000_000_000]


def test_own_cases_are_behind_the_bundled_ones(tmp_path: Path) -> None:
    """A user's folder adds its cases to the bundled ones, and can be chosen from by group and by pattern."""
    suite = load(tmp_path, case())
    assert [one.id for one in suite.cases][-1] == "mine"
    assert [one.id for one in suite.chosen(cases=["mi?e"])] == ["mine"]
    assert {one.group for one in suite.chosen(groups=["endings"])} == {"endings"}


@pytest.mark.parametrize(
    ("groups", "cases", "words"),
    [
        (["endngs"], [], "Did you mean 'endings'?"),
        ([], ["complet"], "Did you mean 'completed'?"),
        (["pages"], ["completed"], "No case is in one of these groups"),
    ],
)
def test_an_empty_choice_is_refused(groups: list[str], cases: list[str], words: str) -> None:
    """A group or a pattern that chooses nothing is an error that names what there is."""
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        load_suite("clado").chosen(groups, cases)


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    """A folder that has no file with cases, or isn't there, is an error."""
    with pytest.raises(UsageError, match="has no file with cases"):
        load_suite("clado", [tmp_path])
    with pytest.raises(UsageError, match="is not a folder"):
        load_suite("clado", [tmp_path / "none"])


@pytest.mark.parametrize(
    ("entry", "where", "words"),
    [
        ("{case: compleeted, reason: r, until: '2026-12-31'}", "1:10", "Did you mean 'completed'?"),
        ("{case: completed, reason: r, until: '2026-13-31'}", "1:39", "Allowed: a day, such as 2026-12-31."),
        ("{case: completed, reason: r, until: soon}", "1:39", "a day, such as 2026-12-31"),
        ("{case: completed, reason: r, until: 2026-12-31}", "1:39", "Write '2026-12-31' in quotes"),
        ("{case: completed, reason: r}", "1:3", "The key 'until' is missing"),
    ],
)
def test_mistakes_in_expected_failures(tmp_path: Path, entry: str, where: str, words: str) -> None:
    """A wrong entry of the expected failures is named at its place."""
    file = tmp_path / "known.yaml"
    file.write_text(f"- {entry}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_expected_failures(file, load_suite("clado").cases)
    (problem,) = caught.value.problems
    assert problem.where.endswith(f"known.yaml:{where}"), problem
    assert words in problem.message
