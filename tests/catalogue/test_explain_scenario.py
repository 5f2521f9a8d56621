"""`explain` shows a scenario as a timeline for people."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.catalogue import Catalogue, compile_scenario, explain_scenario, scenario_description
from jobmock.clock import SECOND
from jobmock.scenario import from_mapping, from_text

TWO_PAGES = """\
clado/two-pages (clado): 47 people on two pages, found over forty seconds.

From the moment the job is made:
  1.  pending     until 2 polls are answered  no results
  2.  searching   for 30 s                    0 people    body: search_chunk_done
  3.  processing  for 10 s                    20 people
  4.  completed   for ever                    47 people

Requests that meet a fault:
  status  request 3  respond rate_limited, Retry-After: 2 s
"""

RATE_LIMITED_REPEATEDLY = """\
clado/rate-limited-repeatedly (clado): Polls two to six meet 429 with a longer Retry-After each time, once as a date.

From the moment the job is made:
  1.  pending     for 10 s  no results
  2.  processing  for 20 s  0 people
  3.  completed   for ever  3 people

Requests that meet a fault:
  status  requests 2 to 3  respond rate_limited, Retry-After: 2 s
  status  request 4        respond rate_limited, Retry-After: as a date, 15 s
  status  requests 5 to 6  respond rate_limited, Retry-After: 30 s
"""

DISCOVERY_GROWING = """\
orbit/discovery-growing (orbit): Seven candidates appear over two minutes, through every documented phase.

From the moment the job is made:
  1.  running    for 20 s  no results
  2.  running    for 20 s  0 candidates
  3.  running    for 20 s  0 candidates  body: result
  4.  running    for 20 s  0 candidates  body: result
  5.  running    for 20 s  2 candidates
  6.  running    for 20 s  5 candidates
  7.  completed  for ever  7 candidates
"""

EVERYTHING = """\
version: 1
api: clado
results: {count: 1}
progression:
  - {status: pending, after: {polls: 1}}
  - {status: searching, after: {seconds: 90}}
  - {status: completed, results: 5, omit: [message], pages: {empty: [1]}, violates: [schema, pagination]}
faults:
  - {when: {requests: {from: 2, to: 5}}, corrupt: garbage, delay: 2s}
  - {when: {every: 1}, operation: start, delay: {lognormal: {median: 250ms, sigma: 0.5}}}
  - {when: {seconds: {from: 0.5, to: 90}}, respond: {status: 503}, retry_after: absent}
  - {when: {chance: 0.25}, drip: {bytes: 5, every: 1s}}
  - {when: {chance: 0}, hang: true}
  - {when: {request: 7}, disconnect: mid_body}
more: {count: 4}
switches: {tier: free, legacy_default: false}
limits: {status: {requests: 25, seconds: 1, burst: 150}, start: {requests: 5, seconds: 60}, cancel: null}
"""

EVERYTHING_TOLD = """\
scenario (clado)

From the moment the job is made:
  1.  pending    until 1 poll is answered  no results
  2.  searching  for 1 min 30 s            0 people
  3.  completed  for ever                  1 person    without message; hostile pages; violates pagination, schema

After continuations, which may add 4 people to the 1:
  1.  pending    until 1 poll is answered  no results
  2.  completed  for ever                  5 people

Requests that meet a fault:
  status  requests 2 to 5               corrupt garbage, held 2 s
  start   every request                 held around 250 ms (lognormal, sigma 0.5)
  status  from 500 ms until before 1 min 30 s  respond 503, without Retry-After
  status  one in 4 requests, by chance  sent in pieces of 5 bytes, one every 1 s
  status  no request                    hang
  status  request 7                     disconnect mid_body

Beside that:
  tier = 'free'
  legacy_default = False
  at most 25 status requests in 1 s, bursts up to 150
  at most 5 start requests in 1 min
  at most any number of cancel requests
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clado/two-pages", TWO_PAGES),
        ("clado/rate-limited-repeatedly", RATE_LIMITED_REPEATEDLY),
        ("orbit/discovery-growing", DISCOVERY_GROWING),
    ],
)
def test_bundled(catalogue: Catalogue, name: str, text: str) -> None:
    """A timeline says when each status holds, what is visible, and which requests meet a fault."""
    assert explain_scenario.explain(catalogue.plan(name)) == text


def test_everything() -> None:
    """Each kind of step, fault, switch and limit has its own text; without a summary only the name is shown."""
    told = explain_scenario.explain(compile_scenario(from_text(EVERYTHING)))
    squeezed = [" ".join(line.split()) for line in told.splitlines()]
    assert squeezed == [" ".join(line.split()) for line in EVERYTHING_TOLD.splitlines()]
    assert told.endswith("requests\n")


CONTINUATION = """\
version: 1
api: clado
results: {count: 10}
progression: [{status: completed}]
more:
  count: 45
  progression:
    - {status: pending, after: {polls: 1}}
    - {status: processing, after: {polls: 1}, %s}
    - {status: completed}
"""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("violates: [pagination]",
         "0 people hides the 10 people from before, because it has no `results`; violates pagination"),
        ("results: 10", "10 people"),
        ("results: 4, violates: [pagination]", "4 people violates pagination"),
    ],
)  # fmt: skip
def test_a_continuation_that_hides_people(more: str, says: str) -> None:
    """The timeline of a continuation shows what stays visible, and why a step without `results` shows nobody."""
    told = explain_scenario.explain(compile_scenario(from_text(CONTINUATION % more))).splitlines()
    rows = told[told.index("After continuations, which may add 45 people to the 10:") + 1 :]
    assert [" ".join(row.split()) for row in rows] == [
        "1. pending until 1 poll is answered no results", f"2. processing until 1 poll is answered {says}",
        "3. completed for ever 55 people",
    ]  # fmt: skip


def test_columns_stand_below_each_other() -> None:
    """Each column of a table begins at the same place in every line, and no line ends in spaces."""
    told = explain_scenario.explain(compile_scenario(from_text(EVERYTHING))).splitlines()
    faults = told[told.index("Requests that meet a fault:") + 1 :][:6]
    words = ["corrupt", "held", "respond", "sent", "hang", "disconnect"]
    assert len({line.index(word) for line, word in zip(faults, words, strict=True)}) == 1
    assert all(line == line.rstrip() for line in told)


@pytest.mark.parametrize("name", Catalogue().names())
def test_every_bundled_scenario_can_be_told(catalogue: Catalogue, name: str) -> None:
    """Every bundled scenario has a timeline that begins with its name and has a line for each step."""
    plan = catalogue.plan(name)
    told = explain_scenario.explain(plan)
    assert told.startswith(f"{name} ({plan.scenario.api}): {plan.scenario.summary}\n")
    assert told.count("\n") > len(plan.stages) and told.endswith("\n") and not told.endswith("\n\n")


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 ms"), (250_000_000, "250 ms"), (1_500_000, "1.5 ms"), (SECOND, "1 s"), (1_500_000_000, "1.5 s"),
        (30 * SECOND, "30 s"), (60 * SECOND, "1 min"), (80 * SECOND, "1 min 20 s"), (119 * SECOND, "1 min 59 s"),
        (120 * SECOND, "2 min"), (125 * SECOND, "2 min 5 s"), (900 * SECOND, "15 min"), (3600 * SECOND, "1 h"),
        (5400 * SECOND, "1 h 30 min"), (3605 * SECOND, "1 h 5 s"), (86400 * SECOND, "24 h"),
        (121_500_000_000, "2 min 1.5 s"), (3665 * SECOND, "1 h 1 min 5 s"),
    ],
)  # fmt: skip
def test_durations(nanoseconds: int, text: str) -> None:
    """A duration is written in the units that people use."""
    assert scenario_description.duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("every", "text"),
    [(1, "every request"), (2, "every 2nd request"), (3, "every 3rd request"), (4, "every 4th request"),
     (11, "every 11th request"), (12, "every 12th request"), (21, "every 21st request"), (113, "every 113th request")],
)  # fmt: skip
def test_ordinals(every: int, text: str) -> None:
    """Ordinal numbers have the right English ending."""
    value: dict[str, Any] = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    fault = {"when": {"every": every}, "hang": True}
    text_of_all = explain_scenario.explain(compile_scenario(from_mapping({**value, "faults": [fault]})))
    assert text_of_all.splitlines()[-1].split("  ")[2] == text


DATE = "Thu, 01 Jan 2026 00:01:00 GMT"
RETRIES: list[tuple[str, dict[str, Any], str]] = [
    ("clado", {"respond": "rate_limited"}, "Retry-After: 60 s"),
    ("orbit", {"respond": {"status": 429}}, "Retry-After: 1 s"),
    ("clado", {"respond": {"status": 503, "headers": {"retry-After": "9"}}}, "Retry-After: 9 s"),
    ("clado", {"respond": {"status": 429, "headers": {"Retry-After": "soon"}}}, "Retry-After: soon"),
    ("clado", {"respond": {"status": 503, "headers": {"Retry-After": DATE}}}, f"Retry-After: {DATE}"),
    ("clado", {"respond": {"status": 429, "body": {}}}, "without Retry-After"),
    ("clado", {"respond": {"status": 503}, "retry_after": {"date": 7}}, "Retry-After: as a date, 7 s"),
    ("clado", {"respond": {"status": 503}}, ""),
]


@pytest.mark.parametrize(("api", "fault", "text"), RETRIES, ids=str)
def test_retry_after_is_the_one_that_is_sent(api: str, fault: dict[str, Any], text: str) -> None:
    """A fault's line has the Retry-After that the client gets, also where the header or the API gives it."""
    status = {"clado": "completed", "orbit": "running"}[api]
    faults = [{"when": {"request": 1}, **fault}]
    value = {"version": 1, "api": api, "progression": [{"status": status}], "faults": faults}
    line = explain_scenario.explain(compile_scenario(from_mapping(value))).splitlines()[-1]
    label = fault["respond"] if isinstance(fault["respond"], str) else fault["respond"]["status"]
    assert line.endswith(f"  respond {label}, {text}" if text else f"  respond {label}")


@pytest.mark.parametrize(("form", "text"), [("date", "Retry-After: as a date, 1 s"), ("absent", "without Retry-After")])
def test_retry_after_follows_the_switch(form: str, text: str) -> None:
    """A Retry-After of the API has the form that the scenario's switch chooses."""
    faults = [{"when": {"request": 1}, "respond": {"status": 429}}]
    value = {"version": 1, "api": "orbit", "progression": [{"status": "running"}], "faults": faults}
    plan = compile_scenario(from_mapping({**value, "switches": {"retry_after": form}}))
    assert f"respond 429, {text}" in explain_scenario.explain(plan)


def test_a_retry_after_of_the_fault_ignores_the_switch() -> None:
    """A fault's own Retry-After keeps its form, whatever the scenario's switch chooses for the API's."""
    faults = [{"when": {"request": 1}, "respond": {"status": 429}, "retry_after": 4}]
    value = {"version": 1, "api": "orbit", "progression": [{"status": "running"}], "faults": faults}
    plan = compile_scenario(from_mapping({**value, "switches": {"retry_after": "date"}}))
    assert "respond 429, Retry-After: 4 s" in explain_scenario.explain(plan)
