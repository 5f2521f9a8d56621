"""What a recording keeps of a broken contract: the same rows of a check, and no value of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.checking.exchanges import candidates, clado, exchange, orbit, page, person, run, status
from tests.checking.planted_drifts import CLEAN, DRIFTS
from tests.recording.both_ways import recorded_from, recorded_live
from tests.recording.forms import lines, saved
from tests.recording.raw_exchanges import poll, raw
from tests.recording.round_trip import record_from, rows_before_and_after
from tests.support import JOBS

from jobmock.catalogue import load_plan
from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.checking.readers import open_recording
from jobmock.clock import SECOND
from jobmock.models import Change, Fault, When
from jobmock.recording.allow_list import AllowList
from jobmock.recording.content_types import recorded_content_type

PLANTED = {**{name: drift.exchanges for name, drift in DRIFTS.items()}, **CLEAN}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_drift(name: str, tmp_path: Path) -> None:
    """The check of the recorded lines and of the played scenario gives the rows of the check of the original."""
    before, written, scenario = rows_before_and_after(PLANTED[name], tmp_path)
    assert bool(before) is (name in DRIFTS)
    assert written == before
    assert scenario == before


@pytest.mark.parametrize("name", PLANTED)
def test_live_and_from_a_file(name: str, tmp_path: Path) -> None:
    """Planted drift is the same files, byte for byte, whether a proxy saw it or it lay in a file."""
    seen = [raw(one) for one in PLANTED[name]]
    api = "orbit" if seen[0].request.path.startswith(b"/v2") else "clado"
    live = recorded_live(seen, api, tmp_path, [])
    assert recorded_from(saved(tmp_path / "traffic", lines(seen)), tmp_path, []) == live


def faults(exchanges: Sequence[LiveExchange], folder: Path) -> tuple[Fault, ...]:
    record_from(b"".join(map(to_line, exchanges)), folder)
    return load_plan(folder / "out" / "job-1.yaml", "x").scenario.faults


def test_drift_of_all_records_holds_for_every_request(tmp_path: Path) -> None:
    """What all records have in common is one change with `*`, which a client with another rhythm meets too."""
    people = [person(number, headline=7, badges=[]) for number in range(3)]
    found = faults([clado(status("pending")), clado(status("completed", results=people), number=5)], tmp_path)
    change = Change(set={"/results/*/profile/headline": 0, "/results/*/profile/unlisted_member_1": []})
    assert found == (Fault(when=When(every=1), change=change),)


def test_drift_of_one_record_is_one_of_its_request(tmp_path: Path) -> None:
    """What one record of one answer lacks is left out there alone."""
    whole, broken = person(1), person(2)
    del broken["profile"]["headline"]
    bodies = [status("completed", results=[whole, one]) for one in (person(2), broken, person(2))]
    found = faults([clado(body, number=number) for number, body in enumerate(bodies)], tmp_path)
    change = Change(omit=("/results/1/profile/headline",))
    assert found == (Fault(when=When(requests=(2, 2)), change=change),)


def test_delay_and_change_of_one_answer(tmp_path: Path) -> None:
    """An answer that was late and wrong is both."""
    seen = [poll(0, status("completed", results=[person(1)])), poll(5, status("completed", results=[
        {**person(1), "x": 1}]), took=2 * SECOND)]  # fmt: skip
    record_from(lines(seen), tmp_path)
    (fault,) = load_plan(tmp_path / "out" / "job-1.yaml", "x").scenario.faults
    assert (fault.delay and fault.delay.a, fault.change) == (
        2 * SECOND, Change(set={"/results/*/unlisted_member_1": 0}),
    )  # fmt: skip


def test_web_page_that_is_json_with_drift(tmp_path: Path) -> None:
    """An answer that claims to be a web page, and leaves the contract too, is one change."""
    people = [person(1, headline=7)]
    one = clado(status("completed", results=people), headers={"content-type": "text/html"})
    (fault,) = faults([one], tmp_path)
    assert fault.change == Change(headers={"content-type": "text/html"}, set={"/results/*/profile/headline": 0})


@pytest.mark.parametrize(("value", "shape"), [
    ("Rosalind", "(left out)"), (436641234567, 0), (1.5e12 + 0.5, 0.5), (True, True), (None, None), ([], []),
    (["Rosalind", "b"], ["(left out)"]), ({"Rosalind": {"mail": 1}}, {"unlisted_member_2": {"unlisted_member_3": 0}}),
    ({"a": {"b": {"c": {"d": {"e": 1}}}}}, {"unlisted_member_2": {"unlisted_member_3": {"unlisted_member_4": {
        "unlisted_member_5": {}}}}}),
])  # fmt: skip
def test_shape_of_a_new_member(value: Any, shape: Any, tmp_path: Path) -> None:
    """A member that no document lists has another name, and its shape in synthetic values."""
    record_from(to_line(orbit(run("running", rosalind=value))), tmp_path)
    assert load_plan(tmp_path / "out" / "job-1.yaml", "x").scenario.progression[0].body == {"unlisted_member_1": shape}


def test_names_that_are_let_through() -> None:
    """A member that is named may keep its name, and a name in a recording is its own name when it is recorded again."""
    from jobmock import apis

    api = apis.load("clado")
    operation = next(one for one in api.operations if one.name == "status")
    body = {**status("pending"), "eta_seconds": 3, "rosalind": {"eta_seconds": 3}}
    kept = AllowList(api, members=["eta_seconds"])
    once = kept.answer_body(operation, 200, body)
    assert [name for name in once if name not in status("pending")] == ["eta_seconds", "unlisted_member_1"]
    assert list(once["unlisted_member_1"]) == ["eta_seconds"]
    again = kept.answer_body(operation, 200, {**status("pending"), "unlisted_member_1": {"eta_seconds": 0}})
    assert again["unlisted_member_1"] == once["unlisted_member_1"]


@pytest.mark.parametrize(("value", "kept"), [
    ("application/json", "application/json"), ("application/JSON; charset=UTF-8", "application/json"),
    ('text/html; charset="utf-8"', "text/html"), ("text/plain; charset=ISO-8859-1", "text/plain; charset=iso-8859-1"),
    ("text/rosalind", "application/unlisted"), ("application/rosalind+json", "application/unlisted+json"),
    ("text/mine", "text/mine"), ("Rosalind F", "unlisted"), ("", ""),
    ("application/json; charset=rosalind", "application/json; charset=unlisted"),
    ("application/json; rosalind=1", "application/json; unlisted=1"),
    ("application/json; charset=base64", "application/json; charset=unlisted"),
])  # fmt: skip
def test_content_type(value: str, kept: str) -> None:
    """A content type and a charset are kept if they are usual ones, or named; else they are replaced."""
    assert recorded_content_type(value, ["text/mine"]) == kept


def test_more_drift_than_a_scenario_has_room_for(tmp_path: Path) -> None:
    """Of very much drift a scenario has as much as it has room for, and a note says that there was more."""
    people = [{**person(number), f"new_{number}": {"a": number, "b": ""}} for number in range(1_500)]
    complete, warnings = record_from(to_line(clado(status("completed", results=people))), tmp_path)
    assert complete
    assert len(load_plan(tmp_path / "out" / "job-1.yaml", "x").scenario.faults) == 1
    assert any("status 1: played with another /results/" in text for text in warnings)


def test_person_on_two_pages_is_the_same_synthetic_person(tmp_path: Path) -> None:
    """Whoever is on two pages in the recording is so in what is played, also if the job was polled as a whole."""
    whole = clado(status("completed", results=[person(number) for number in range(4)]))
    bodies = {1: page(1, 4), 2: {**page(2, 4), "results": [person(1), person(3)]}}
    pages = [clado(body, query=f"page={number}&page_size=2", number=number) for number, body in bodies.items()]
    before, written, scenario = rows_before_and_after([whole, *pages], tmp_path)
    assert written == before == scenario
    assert any(row[1] == "page-overlap" for row in before)


GONE = {"status": 404, "body": b'{"detail": "Gone."}'}
ODD = {"body": run("running", status={})}
CUT = {"body": b'{"request_id": "r'}


@pytest.mark.parametrize("answers", [
    [ODD, GONE, ODD, ODD], [CUT, GONE, CUT, GONE, ODD], [{"body": run("running")}, GONE, CUT, ODD],
])  # fmt: skip
@pytest.mark.parametrize("pause", [0, 5])
def test_answer_without_a_status_beside_a_missing_job(
    answers: list[dict[str, Any]], pause: int, tmp_path: Path
) -> None:  # fmt: skip
    """A success without a status, or one that is cut, isn't the answer about a job that isn't there."""
    seen = [exchange(f"{JOBS['orbit']}/r", number=pause * at, **one) for at, one in enumerate(answers)]
    before, written, scenario = rows_before_and_after(seen, tmp_path)
    assert written == before == scenario


def test_number_in_place_of_false(tmp_path: Path) -> None:
    """0 in place of false in one answer, and false in place of 0 in another, are changes of these answers alone."""
    bodies = [page(2, 4), page(2, 4, has_next=0), page(2, 4), page(2, 4, has_next=0, page=False), page(2, 4)]
    seen = [clado(body, query="page=2&page_size=2", number=number) for number, body in enumerate(bodies)]
    before, written, scenario = rows_before_and_after(seen, tmp_path)
    assert sum(before.values()) == 3
    assert written == before == scenario


def test_list_of_words_with_a_number_in_it(tmp_path: Path) -> None:
    """A list of listed words keeps its other items where one is no word."""
    failure = {"code": "identity_not_corroborated", "message": "A text.", "retryable": True}
    bodies = [run("failed", failure={**failure, "suggested_inputs": some}) for some in (["email", 2.5], ["email"])]
    before, written, scenario = rows_before_and_after([orbit(bodies[0]), orbit(bodies[1], number=5)], tmp_path)
    assert before
    assert written == before == scenario


def test_list_that_the_mock_lacks(tmp_path: Path) -> None:
    """A list that the mock hasn't shown is recorded as an empty one, into which no drift of another answer gets."""
    lists = (7, [10**12, "p"], ["p"], ["p"])
    results = [candidates(candidate_profile_ids=["p"], profile_ids=some) for some in lists]
    seen = [orbit(run("running", one), number=number) for number, one in enumerate(results)]
    before, written, scenario = rows_before_and_after(seen, tmp_path)
    assert written == before == scenario


def test_people_of_a_job_whose_start_was_not_recorded(tmp_path: Path) -> None:
    """The lines have as many people as there were, and drift at their places, also if the run's shape isn't known."""
    lists = (["p", "q"], ["p", {}], ["p", "q", "r"])
    results = [candidates(candidate_profile_ids=some, profile_ids=some) for some in lists]
    seen = [orbit(run("running", one), number=number) for number, one in enumerate(results)]
    before, written, scenario = rows_before_and_after(seen, tmp_path)
    assert written == before == scenario
    assert before
    recorded = [json.loads(one.body) for one in open_recording(tmp_path / "seen.jsonl").exchanges]
    assert [len(one["result"]["candidate_profile_ids"]) for one in recorded] == [2, 2, 3]
