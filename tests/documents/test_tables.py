"""The tables of the documents name what the code has: no more, and no less."""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.api_facts import OWN
from tests.benchmarks.__main__ import _BENCHMARKS
from tests.campaigns.__main__ import campaigns
from tests.documents import catalogue, rules
from tests.documents.reading import DOCUMENTS, ROOT, blocks, chapter, first_words, tables, text_of
from tests.support import KEYS, served

from jobmock import apis, cli
from jobmock.catalogue import server_settings
from jobmock.contract import documents
from jobmock.etiquette import EXPLAINED, RULES
from jobmock.models import Exchange
from jobmock.scenario import from_text
from jobmock.server.shared_time.call_fields import CALLS
from pytest_jobmock.marker import DESCRIPTION
from pytest_jobmock.mocks.mock import Mock
from pytest_jobmock.options import OPTIONS, TIME_MODES

SERVER, PLUGIN, SCENARIOS, SCHEMAS = (
    f"{folder}/README.md" for folder in ("mockserver", "pytest_plugin", "scenarios", "schemas")
)
OF_THE_PLUGIN = {
    "address", "api", "apply_marker", "busy", "control_url", "coverage", "direct_hosts", "ended_jobs", "host", "judge",
    "keys", "live", "played", "started_at", "titles", "verified", "write_traffic",
}  # fmt: skip
"""Members of a mock that the plugin itself uses."""
WITH_TABLES_OF_THEIR_OWN = {"assert_client_survives", "replaying", "exhaust"}
IN_WORDS = {"shown": "no display"}
"""Arguments whose defaults are said in words."""
LANGUAGE = documents.document("scenario.schema.json")


WHERE_OPTIONS_ARE = {
    "conform": [("mockserver/CONFORMANCE.md", "Options")],
    "serve": [(SERVER, "Options of serve")],
    "ready": [(SERVER, "The command")],
    "list": [(SERVER, "The command")],
    "lint": [(SERVER, "The command")],
    "explain": [(SERVER, "The command")],
    "schema": [(SERVER, "The command")],
    "run": [(SERVER, "Options of run")],
    "exhaust": [(PLUGIN, "Every short script")],
    "check": [(SCHEMAS, "A live job"), (SCHEMAS, "A recording"), (SCHEMAS, "Which exchanges are judged")],
    "drift": [(SCHEMAS, "A live job"), (SCHEMAS, "Drift"), (SCHEMAS, "Which exchanges are judged")],
    "record": [(SCHEMAS, "Recording a scenario")],
    "new-api": [(SERVER, "Write the package")],
}
"""The chapters whose tables have the options of a command."""


def parameters(command: str) -> dict[str, Any]:
    """Return the options of a command by their names, but for `--help`."""
    found = importlib.import_module(f"jobmock.cli.{command.replace('-', '_')}").command
    return {option.opts[0]: option for option in found.params if option.opts[0].startswith("--")}


def options(command: str) -> list[str]:
    """Return the names of a command's options."""
    return list(parameters(command))


def default_of(option: Any) -> str:
    """Return the default of an option as text, empty where it has none."""
    match option.default:
        case bool():
            return ""
        case int() | float() as number:
            return f"{number:g}"
        case str() as text:
            return text
        case _:
            return ""


def option_rows(command: str) -> dict[str, str]:
    """Return the options of a command in the tables, with what each row says; a row may begin with the command."""
    rows = [row for place in WHERE_OPTIONS_ARE.get(command, ()) for table in tables(*place) for row in table[1:]]
    found = ((re.match(rf"`(?:{command} )?(--[a-z-]+)", row[0]), row[-1]) for row in rows)
    return {match[1]: said for match, said in found if match}


def test_scenario_shown_is_the_bundled_one() -> None:
    """The example is the bundled file, to the letter, and the other one can be played."""
    example, lost = blocks(SCENARIOS, "yaml")
    assert example == (ROOT / "scenarios" / "clado" / "two-pages.yaml").read_text("utf-8")
    assert from_text(lost).faults[0].disconnect == "before_response"


def test_catalogue_is_made_from_the_files() -> None:
    """The table of bundled scenarios is the one that `python -m tests.documents` writes."""
    text = catalogue.PAGE.read_text("utf-8")
    assert catalogue.written(text) == text
    assert text.count(".yaml) |") == len(list((ROOT / "scenarios").glob("*/*.yaml")))


def test_keys_of_the_language() -> None:
    """Each key of a scenario, a step and a fault has a row, and no row has another."""
    step, fault = (LANGUAGE["definitions"][name]["properties"] for name in ("step", "fault"))
    assert set(first_words(SCENARIOS, "The keys")) == set(LANGUAGE["properties"])
    assert set(first_words(SCENARIOS, "Steps")) == set(step)
    whens = [row.partition(":")[0] for row in first_words(SCENARIOS, "Faults")]
    assert set(whens) - {"when"} == set(fault["when"]["properties"])
    assert set(first_words(SCENARIOS, "Faults", 1)) | {"operation", "when"} == set(fault)


@pytest.mark.parametrize("row", tables(SCENARIOS, "Faults")[1][1:], ids=lambda row: "-".join(row[:2]))
def test_example_of_an_action(row: list[str]) -> None:
    """Each example of an action can be played as it is."""
    name, value = (re.findall(r"`([^`]+)`", cell)[0] for cell in row[:2])
    action = {name: yaml.safe_load(value)}
    fault = {"when": {"request": 1}, **({"respond": "rate_limited"} if name == "retry_after" else {}), **action}
    text = {"version": 1, "api": "clado", "progression": [{"status": "completed"}], "faults": [fault]}
    assert from_text(json.dumps(text)).faults


@pytest.mark.parametrize("when", first_words(SCENARIOS, "Faults"))
def test_example_of_when(when: str) -> None:
    """Each example of `when` can be played as it is."""
    if when != "when":
        fault = {"when": yaml.safe_load(when), "hang": True}
        text = {"version": 1, "api": "clado", "progression": [{"status": "completed"}], "faults": [fault]}
        assert from_text(json.dumps(text)).faults


@pytest.mark.parametrize(("number", "api"), [*enumerate(OWN)])
def test_switches(number: int, api: str) -> None:
    """Each switch has a row with its default, and the values of a list of words are all there."""
    known = documents.definitions(api)["switches"]["properties"]
    rows = {row[0].strip("`"): row for row in tables(SCENARIOS, "Switches")[number][1:]}
    assert list(rows) == list(known)
    assert {name: yaml.safe_load(row[2].strip("`")) for name, row in rows.items()} == {
        name: switch["default"] for name, switch in known.items()
    }
    assert {name: re.findall(r"`(\w+)`", rows[name][1]) for name in known if "enum" in known[name]} == {
        name: switch["enum"] for name, switch in known.items() if "enum" in switch
    }


def test_statuses_of_each_api() -> None:
    """The page lists the statuses of each API."""
    listed = [re.findall(r"`(\w+)`", row[1]) for row in tables(SCENARIOS, "Steps")[1][1:]]
    assert listed == [documents.definitions(api)["status"]["enum"] for api in OWN]


def test_operations_that_are_served() -> None:
    """Each operation of an API has a row with its method and path."""
    cells = [(row[0].lower(), "".join(row[1:3])) for row in tables(SERVER, "What is served")[0][1:]]
    rows = [(api, *re.findall(r"`([^`]+)`", text)[:2]) for api, text in cells]
    assert set(rows) == {
        (api.name, operation.name, f"{operation.method} {operation.path}")
        for api in map(apis.load, OWN) for operation in api.operations
    }  # fmt: skip


def test_limits_file_can_be_used(tmp_path: Path) -> None:
    """The file of limits is accepted as it is, and has every API and operation that it shows."""
    (text,) = blocks(SERVER, "yaml", "Options of serve")
    (tmp_path / "limits.yaml").write_text(text)
    found = server_settings.limits_from_file(tmp_path / "limits.yaml")
    assert {api: set(limits) for api, limits in found.items()} == {
        api: set(limits) for api, limits in yaml.safe_load(text).items()
    }
    assert found["orbit"]["start"] is None


def test_commands() -> None:
    """Each command has a row."""
    assert [words.split()[1] for words in first_words(SERVER, "The command")] == list(cli._COMMANDS)


@pytest.mark.parametrize("command", cli._COMMANDS)
def test_options_of_a_command(command: str) -> None:
    """Each option of a command has a row, which names its default, and no row has another."""
    rows, known = option_rows(command), parameters(command)
    assert set(rows) == set(known)
    defaults = {name: default_of(option) for name, option in known.items()}
    assert [name for name, default in defaults.items() if not re.search(rf"\b{default}\b", rows[name])] == []


@pytest.mark.parametrize("api", OWN)
def test_symbols_of_scripts(api: str) -> None:
    """The row of `--alphabet` lists each symbol but the statuses, and the number of the usual ones is right."""
    from jobmock.strategies.scripts import FAULT_SYMBOLS, alphabet
    from jobmock.strategies.vocabulary import UNKNOWN_STATUS

    assert {UNKNOWN_STATUS, *FAULT_SYMBOLS} <= set(re.findall(r"`([^`]+)`", option_rows("exhaust")["--alphabet"]))
    words = {"clado": "seven for Clado", "orbit": "six\nfor Orbit"}
    assert words[api] in chapter(PLUGIN, "Every short script")
    assert len(alphabet(api)) == {"clado": 7, "orbit": 6}[api]


def test_options_that_are_mentioned() -> None:
    """Each option of a command that any document mentions is one that it has."""
    wrong = []
    for name in DOCUMENTS:
        for command, words in re.findall(r"\bjobmock ([a-z]+)((?: [^`\n|&;]+)?)", text_of(name)):
            if command in cli._COMMANDS:
                own = re.findall(r"(?<!\S)--[a-z][a-z-]*", words.partition(" -- ")[0])
                wrong += [f"{name}: jobmock {command} {word}" for word in own if word not in options(command)]
        flags = re.findall(r"--jobmock-([a-z-]+)", text_of(name))
        known = {option.flag for option in OPTIONS}
        wrong += [f"{name}: --jobmock-{flag}" for flag in flags if f"--jobmock-{flag}" not in known]
    assert wrong == []


def test_ready_line_has_these_members() -> None:
    """The line `ready` on the page has the members that a server prints."""
    with served() as server:
        assert list(server.ready) == list(json.loads(blocks(SERVER, "json")[0]))


@pytest.fixture(scope="module")
def control() -> Iterator[httpx.Client]:
    """A client of the control API of a server on which one job of a key was polled."""
    headers = {"Authorization": f"Bearer {KEYS['clado']}"}
    flags = ("--time", "manual", "--coverage")
    with served(*flags) as server, httpx.Client(base_url=server.url, headers=headers) as client:
        client.post("/__jobmock/jobs", json={"scenario": "clado/at-once", "id": "job-7"})
        client.get("/api/search/deep_research/job-7?page=1")
        client.get("/api/search/deep_research/job-7?page=1")
        yield client


def test_control_calls(control: httpx.Client) -> None:
    """Each control call has a row with its method, and no row has another."""
    rows = [tuple(call.split()) for call in first_words(SERVER, "The control API")]
    problem = control.get("/__jobmock/nothing").json()["detail"]
    names = problem.partition("Calls: ")[2].rstrip(".").split(". Did")[0].split(", ")
    assert {path for _, path in rows} == set(names)
    for name in names:
        allowed = control.request("PATCH", f"/__jobmock/{name}").headers["allow"].split(", ")
        assert [method for method, path in rows if path == name] == allowed


def test_fields_of_control_bodies(control: httpx.Client) -> None:
    """Each field of a call has a row, and each call names its fields, but for `namespace`, which all calls have."""
    rows = {call: re.findall(r"`(\w+)`", row[1]) for row in tables(SERVER, "The control API")[0][1:]
            for call in re.findall(r"`([^`]+)`", row[0])}  # fmt: skip
    for call, fields in rows.items():
        method, path = call.split()
        if method != "GET" and path not in ("journal",):
            detail = control.request(method, f"/__jobmock/{path}", json={"nothing": 1}).json()["detail"]
            assert set(detail.partition("Allowed: ")[2].split(". ")[0].rstrip(".").split(", ")) == set(fields)
    named = {field for fields in rows.values() for field in fields}
    assert {*named, "namespace"} == set(first_words(SERVER, "The control API", 1))


def test_calls_of_processes_that_share_a_clock() -> None:
    """Each call has a row with its fields, each field has one, and each reason for the end of a wait."""
    calls, _, fields = tables(SERVER, "Processes that share a clock")
    rows = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in calls[1:]}
    assert rows == {call: {*needed, *more} - {"call"} for call, (needed, more) in CALLS.items()}
    assert {row[0].strip("`") for row in fields[1:]} == set().union(*rows.values())


def test_fields_of_control_answers(control: httpx.Client) -> None:
    """Each member of a control answer has a row, and no row has another."""
    shown: dict[str, set[str]] = {}
    for row in tables(SERVER, "The control API")[2][1:]:
        shown.setdefault(row[0].strip("`"), set()).update(re.findall(r"`(\w+)`", row[1]))
    for call, fields in shown.items():
        method, body = {"reset": ("POST", {}), "lint": ("POST", {"yaml": "version: 1"})}.get(call, ("GET", None))
        answer = control.request(method, f"/__jobmock/{call}", json=body).json()
        assert set(answer[0] if isinstance(answer, list) else answer) == fields
    assert set(first_words(SERVER, "The control API", 3)) == {*Exchange._fields, "namespace", "outcome"}


def test_metrics(control: httpx.Client) -> None:
    """Each metric that a server has has a row with its kind and its labels, and no row has another."""
    from prometheus_client.parser import text_string_to_metric_families

    text = httpx.get(f"{control.base_url}/__jobmock/metrics").text
    served = {f"{one.name}{'_total' * (one.type == 'counter')}": one for one in text_string_to_metric_families(text)}
    rows = {row[0].strip("`"): row for row in tables(SERVER, "Metrics")[0][1:]}
    assert {name: one.type for name, one in served.items()} == {name: row[1] for name, row in rows.items()}
    labels = {
        name: {label for sample in one.samples for label in sample.labels} - {"le"} for name, one in served.items()
    }
    assert {name for name, own in labels.items() for label in own if f"`{label}`" not in rows[name][2]} == set()


def test_problem_is_a_real_one(control: httpx.Client) -> None:
    """The problem document on the page is what such a call is answered with."""
    answer = control.put("/__jobmock/clock", json={"mode": "manuel"})
    assert answer.json() == json.loads(blocks(SERVER, "json")[1])


def test_rules() -> None:
    """Each rule has a row with its severity; the rules that need an outcome say so."""
    rows = [(row[0].strip("`"), *row[1:]) for row in tables(PLUGIN, "Rules")[1][1:]]
    notes = {"journal": "", "outcome": " (needs the outcome)", "value": " (needs the returned value)"}
    said = [(rule.id, rule.severity, f"{rule.summary[:-1]}{notes[rule.needs]}") for rule in RULES.values()]
    assert rows == said


def test_page_of_the_rules_is_made_from_the_tables() -> None:
    """Clocks, thresholds and the text of each rule are those that `python -m tests.documents` writes."""
    text = rules.PAGE.read_text("utf-8")
    assert rules.written(text) == text
    assert text.count("\n### `") == len(EXPLAINED)


def test_options_and_marker_of_the_plugin() -> None:
    """Each option, each argument of the marker and each mode of time has a row."""
    flags = [flag.split()[0] for flag in first_words(PLUGIN, "Options")]
    assert sorted(flags) == sorted(option.flag for option in OPTIONS)
    arguments = {word.partition("=")[0] for word in first_words(PLUGIN, "The marker") if "=" in word}
    assert arguments == set(re.findall(r"\b(\w+)=[,)]", DESCRIPTION))
    assert first_words(PLUGIN, "Time") == list(TIME_MODES)


def test_members_of_a_mock() -> None:
    """Each public member of a mock that a test uses has a row."""
    shown = {re.split(r"[.(]", word)[0] for word in first_words(PLUGIN, "What a mock offers")}
    assert shown == {name for name in {*vars(Mock), *Mock.__annotations__} if not name.startswith("_")} - OF_THE_PLUGIN


def test_strategies() -> None:
    """Each strategy has a row."""
    from jobmock import strategies

    shown = {word.partition("(")[0] for word in first_words(PLUGIN, "Strategies")}
    assert shown == {name for name in strategies.__all__ if name[0].islower()} - WITH_TABLES_OF_THEIR_OWN


def arguments_in_tables() -> set[tuple[str, str, str]]:
    """Return each argument that the page of the plugin describes: function, argument, default."""
    found: set[tuple[str, str, str]] = set()
    for heading, *rows in tables(PLUGIN, "Properties"):
        if heading[0] == "Argument":
            for row in rows:
                for part in row[2].split("; "):
                    names, _, default = part.rpartition(": ")
                    found |= {(name, row[0].strip("`"), default.strip("`")) for name in re.findall(r"`(\w+)`", names)}
        elif heading[0].startswith("Argument of"):
            function = heading[0].split("`")[1]
            found |= {(function, row[0].strip("`"), row[2].strip("`")) for row in rows}
    return found


def test_arguments_of_strategies() -> None:
    """Each argument of a strategy, and of what runs a client, has a row with its default; the API is described once."""
    from jobmock import strategies

    known: set[tuple[str, str, str]] = set()
    for function in (name for name in strategies.__all__ if name[0].islower()):
        for argument in signature(getattr(strategies, function)).parameters.values():
            required = argument.default is argument.empty
            default = "required" if required else IN_WORDS.get(argument.name, repr(argument.default))
            known.add((function, argument.name, "none" if argument.kind is argument.VAR_KEYWORD else default))
    api = {one for one in known if one[1] == "api" and one[0] not in WITH_TABLES_OF_THEIR_OWN}
    assert arguments_in_tables() == known - api


def test_members_of_a_machine() -> None:
    """Each member of a ClientMachine that a user may write has a row with its default."""
    from hypothesis.stateful import RuleBasedStateMachine

    from jobmock.strategies import ClientMachine

    cells = [[cell.strip("`") for cell in row] for row in tables(PLUGIN, "A state machine")[0][1:]]
    rows = {cell[0].partition("(")[0]: cell[1] for cell in cells}
    used_by_hypothesis = {"begin", "place", "start", "poll", "advance", "page", "cancel", "teardown", "jobs"}
    own = {*vars(ClientMachine), *ClientMachine.__annotations__} - {*dir(RuleBasedStateMachine)} - used_by_hypothesis
    assert set(rows) == {name for name in own if not name.startswith("_")}
    assert (rows["page_size"], rows["scenarios"]) == (repr(ClientMachine.page_size), repr(ClientMachine.scenarios))


def test_campaigns_and_benchmarks() -> None:
    """Each campaign and each benchmark has a row."""
    assert first_words("tests/README.md", "Campaigns", 1) == sorted(campaigns())
    assert set(first_words("tests/README.md", "Benchmarks")) == set(_BENCHMARKS)


def test_storeys_of_the_packages() -> None:
    """The table of packages is the one that import-linter checks, storey by storey."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == ["jobmock"])
    known = {(str(number), name) for number, layer in enumerate(layers, 1) for name in layer.split(" | ")}
    assert {(row[0], row[1].strip("`")) for row in tables("ARCHITECTURE.md", "Rooms")[0][1:]} == known


def test_readme_names_the_pythons() -> None:
    """The versions of Python on the README are those of the package."""
    project: Any = (ROOT / "pyproject.toml").read_text("utf-8")
    versions = re.findall(r'Python :: (3\.\d+)"', project)
    assert all(version in text_of("README.md") for version in versions)
    assert set(re.findall(r"\b3\.1\d\b", chapter("README.md", "Compatibility"))) == set(versions)
