"""Changes of the contract as a vendor makes them, each with the row that a check must report."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.support import EPOCH

from jobmock.checking.exchange import LiveExchange
from jobmock.checking.report import Report
from jobmock.clock import SECOND

from .exchanges import candidates, checked, clado, exchange, orbit, page, person, run, status


class Drift(NamedTuple):
    """Exchanges with one change in them, and the row that the report must have."""

    kind: str
    rule: str
    pointer: str
    times: int
    exchanges: list[LiveExchange]


def _of_pages(*pages: tuple[int, Any], size: int = 2) -> list[LiveExchange]:
    return [
        clado(body, query=f"page={number}&page_size={size}", number=index) for index, (number, body) in enumerate(pages)
    ]


def _at(number: int) -> int:
    return EPOCH + number * SECOND


def _without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in names}


CLADO, ORBIT = "/api/search/deep_research", "/v2/developer/deep-search"
STARTED = {"job_id": "j", "status": "pending", "message": "A text."}
ERROR = {"detail": "A text."}
FAILURE = {"code": "deep_search_failed", "message": "A text.", "retryable": True}
FIVE = [person(number) for number in range(5)]
RUN_NOT_FOUND = "developer_deep_search_run_not_found"
PENDING = b'{"job_id": "j", "status": "pending", "message": ""}'
OVERLAPPING = {**page(2, 4), "results": [person(1), person(3)]}

DRIFTS = {
    "member gone": Drift("breaking", "member-missing", "/message", 1, [clado(_without(status("pending"), "message"))]),
    "member of a record gone": Drift("breaking", "member-missing", "/results/*/profile/headline", 5, [
        clado(status("completed", results=[{"profile": _without(one["profile"], "headline")} for one in FIVE]))]),
    "list gone from a record": Drift("breaking", "member-missing", "/results/*/profile", 1, [
        clado(status("completed", results=[{}]))]),
    "run id gone": Drift("breaking", "member-missing", "/run_id", 1, [orbit(_without(run("running"), "run_id"))]),
    "result of a completed run gone": Drift("breaking", "member-missing", "/result", 1, [
        orbit(_without(run("failed"), "result"))]),
    "number as text": Drift("breaking", "type-changed", "/final_results_count", 1, [
        clado(status("completed", final_results_count="3"))]),
    "text as null": Drift("breaking", "type-changed", "/results/*/profile/name", 5, [
        clado(status("completed", results=[person(number, name=None) for number in range(5)]))]),
    "list as object": Drift("breaking", "type-changed", "/results", 1, [clado(status("completed", results={"0": {}}))]),
    "record as its id": Drift("breaking", "type-changed", "/results/*", 2, [
        clado(status("completed", results=["1", "2"]))]),
    "flag as text": Drift("breaking", "type-changed", "/failure/retryable", 1, [
        orbit(run("failed", failure={**FAILURE, "retryable": "yes"}))]),
    "whole answer as list": Drift("breaking", "type-changed", "", 1, [clado([])]),
    "error as object": Drift("breaking", "type-changed", "/detail", 1, [clado({"detail": {}}, status=404)]),
    "error under another name": Drift("breaking", "member-missing", "/error", 1, [
        orbit({"status": "failed"}, status=429)]),
    "new status": Drift("breaking", "status-unknown", "/status", 1, [clado(status("ranking"))]),
    "status in capitals": Drift("breaking", "status-unknown", "/status", 1, [clado(status("Completed"))]),
    "new status of a run": Drift("breaking", "status-unknown", "/status", 2, [
        orbit(run("queued")), orbit(run("queued"), number=1)]),
    "new reason to fail": Drift("breaking", "value-unknown", "/failure/code", 1, [
        orbit(run("failed", failure={**FAILURE, "code": "quota"}))]),
    "new word of a start": Drift("breaking", "value-unknown", "/status", 1, [
        exchange(ORBIT, {"request_id": "r", "run_id": None, "status": "queued", "links": {"status": f"{ORBIT}/r"}},
                 method="POST", status=202)]),
    "new word of the envelope": Drift("breaking", "value-unknown", "/status", 1, [
        orbit({"status": "error", "error": {"code": "invalid_api_key", "message": ""}}, status=403)]),
    "error of a completed job": Drift("breaking", "member-refused", "/error", 1, [
        clado(status("completed", error="A text."))]),
    "counter below nothing": Drift("breaking", "value-refused", "/total_filtered", 1, [
        clado(status("completed", total_filtered=-1))]),
    "link with a host": Drift("breaking", "value-refused", "/links/status", 1, [
        exchange(ORBIT, {"request_id": "r", "run_id": None, "status": "started",
                         "links": {"status": f"https://api.invalid{ORBIT}/r"}}, method="POST", status=202)]),
    "created, not served": Drift("breaking", "code-undocumented", "", 1, [
        exchange(CLADO, STARTED, method="POST", status=201)]),
    "gone": Drift("breaking", "code-undocumented", "", 1, [orbit({}, status=410)]),
    "page of a gateway": Drift("breaking", "body-not-json", "", 1, [
        clado(b"<html>", status=503, headers={"content-type": "text/html"})]),
    "half an answer": Drift("breaking", "body-not-json", "", 1, [clado(b'{"job_id": "j", "sta')]),
    "no answer": Drift("breaking", "body-not-json", "", 1, [clado(b"")]),
    "JSON as text": Drift("breaking", "content-type-other", "", 1, [
        clado(status("pending"), headers={"content-type": "text/plain"})]),
    "another job": Drift("breaking", "job-other", "/job_id", 1, [clado({**status("pending"), "job_id": "k"})]),
    "another run": Drift("breaking", "job-other", "/request_id", 1, [orbit({**run("running"), "request_id": "k"})]),
    "back to the queue": Drift("breaking", "transition-illegal", "/status", 1, [
        clado(status("searching")), clado(status("pending"), number=1)]),
    "at work after the end": Drift("breaking", "transition-illegal", "/status", 1, [
        orbit(run("completed", {"id": "p"})), orbit(run("running"), number=1)]),
    "reopened by what was refused": Drift("breaking", "transition-illegal", "/status", 1, [
        clado(status("completed")), exchange(f"{CLADO}/j/more", ERROR, method="POST", number=1, status=409),
        clado(status("pending"), number=2)]),
    "reopened twice by one error": Drift("breaking", "transition-illegal", "/status", 1, [
        exchange(f"{CLADO}/j/more", ERROR, method="POST", status=500),
        *(clado(status(word), number=at) for at, word in enumerate(["completed", "pending"] * 2, 1))]),
    "reopened by nobody": Drift("breaking", "transition-illegal", "/status", 1, [
        clado(status("completed")), clado(status("pending"), number=1), clado(status("searching"), number=2)]),
    "hits lost": Drift("breaking", "counter-back", "/opensearch_results", 1, [
        clado(status("searching", opensearch_results=9)), clado(status("searching", opensearch_results=8), number=1)]),
    "candidates lost": Drift("breaking", "counter-back", "/result/candidate_count", 1, [
        orbit(run("running", candidates(candidate_count=2))),
        orbit(run("completed", candidates(candidate_count=1)), number=1)]),
    "people lost": Drift("breaking", "results-shrink", "/results", 1, [
        clado(status("processing", results=FIVE)), clado(status("completed", results=FIVE[:3]), number=1)]),
    "last page says more": Drift("breaking", "page-arithmetic", "/pagination/has_next", 1, _of_pages(
        (1, page(1, 3)), (2, page(2, 3, has_next=True)))),
    "pages rounded down": Drift("breaking", "page-arithmetic", "/pagination/total_pages", 2, _of_pages(
        (1, page(1, 3, total_pages=1)), (2, page(2, 3, total_pages=1)))),
    "pages from nought": Drift("breaking", "page-arithmetic", "/pagination/page", 1, _of_pages(
        (2, page(2, 5, page=1)))),
    "pages of its own size": Drift("breaking", "page-arithmetic", "/pagination/page_size", 1, _of_pages(
        (1, page(1, 3, page_size=25)))),
    "short page": Drift("breaking", "page-length", "/results", 1, _of_pages(
        (1, {**page(1, 5), "results": [person(0)]}))),
    "person on two pages": Drift("breaking", "page-overlap", "/results", 1, _of_pages(
        (1, page(1, 4)), (2, OVERLAPPING))),
    "total grows at the end": Drift("breaking", "page-total-changed", "/pagination/total_results", 1, _of_pages(
        (1, page(1, 4)), (2, page(2, 5)))),
    "another person on the same page": Drift("breaking", "page-changed", "/results", 1, _of_pages(
        (1, page(1, 4)), (1, {**page(1, 4), "results": [person(0), person(9)]}))),
    "person who isn't in the whole list": Drift("breaking", "page-changed", "/results", 1, [
        clado(status("completed", results=FIVE[:4])),
        clado({**page(1, 4), "results": [person(0), person(9)]}, query="page=1&page_size=2", number=1)]),
    "fewer in all pages than in whole": Drift("breaking", "page-total-changed", "/pagination/total_results", 1, [
        clado(status("completed", results=FIVE)), clado(page(1, 4), query="page=1&page_size=2", number=1)]),
    "more in the whole list than in all pages": Drift("breaking", "page-total-changed", "/results", 1, [
        clado(page(1, 4), query="page=1&page_size=2"), clado(status("completed", results=FIVE), number=1)]),
    "page without its number": Drift("breaking", "member-missing", "/pagination", 1, _of_pages(
        (1, status("completed", results=[])))),
    "new member": Drift("additive", "member-new", "/eta_seconds", 2, [
        clado(status("pending", eta_seconds=3)), clado(status("searching", eta_seconds=2), number=1)]),
    "new member of every record": Drift("additive", "member-new", "/results/*/profile/badges", 5, [
        clado(status("completed", results=[person(number, badges=[]) for number in range(5)]))]),
    "new list beside a record": Drift("additive", "member-new", "/results/*/languages2", 1, [
        clado(status("completed", results=[{**person(), "languages2": []}]))]),
    "new member of pages": Drift("additive", "member-new", "/pagination/cursor", 1, _of_pages(
        (1, page(1, 2, cursor="x")))),
    "new member of an error": Drift("additive", "member-new", "/error/doc_url", 1, [
        orbit({"status": "failed", "error": {"code": "invalid_api_key", "message": "", "doc_url": ""}}, status=403)]),
    "new phase": Drift("additive", "value-new", "/result/current_phase", 1, [
        orbit(run("running", candidates(current_phase="candidate_ranking")))]),
    "new code of an error": Drift("additive", "value-new", "/error/code", 1, [
        orbit({"status": "failed", "error": {"code": "developer_plan_expired", "message": ""}}, status=403)]),
    "another charset": Drift("cosmetic", "content-type-form", "", 1, [
        clado(status("pending"), headers={"content-type": "application/json; charset=ISO-8859-1"})]),
    "JSON of a kind": Drift("cosmetic", "content-type-form", "", 1, [
        clado({"detail": "A text."}, status=404, headers={"content-type": "application/problem+json"})]),
    "byte order mark": Drift("cosmetic", "byte-order-mark", "", 1, [clado(b"\xef\xbb\xbf" + PENDING)]),
    "count with a fraction": Drift("cosmetic", "number-form", "/total_filtered", 1, [
        clado(status("completed", total_filtered=3.0))]),
}  # fmt: skip

CLEAN = {
    "another wording of a message": [clado({**status("pending"), "message": "Anders."})],
    "another wording of an error": [clado({"detail": "Weg."}, status=404)],
    "UTF-8 stated": [clado(status("pending"), headers={"content-type": "application/json; charset=UTF-8"})],
    "skipped statuses": [clado(status("pending")), clado(status("completed"), number=1)],
    "the same status again": [orbit(run("running")), orbit(run("running"), number=1)],
    "answers that overtook each other": [clado(status("searching"), number=1), clado(status("pending"))],
    "requests under way together": [
        clado(status("searching", opensearch_results=9), arrived=EPOCH + 3 * SECOND),
        clado(status("pending", opensearch_results=8), number=1, arrived=EPOCH + 2 * SECOND)],
    "reopened by more": [
        clado(status("completed", results=FIVE)),
        exchange(f"{CLADO}/j/more", STARTED, method="POST", number=1),
        clado(status("pending"), number=2), clado(status("processing", results=FIVE[:1]), number=3),
    ],
    "reopened during a poll": [
        clado(status("completed")), exchange(f"{CLADO}/j/more", STARTED, method="POST", number=9, arrived=_at(11)),
        clado(status("completed"), number=8, arrived=_at(12)), clado(status("searching"), number=13)],
    "reopened by an error": [
        clado(status("completed")), exchange(f"{CLADO}/j/more", ERROR, method="POST", number=1, status=500),
        clado(status("searching"), number=2)],
    "reopened late by an error": [
        clado(status("completed")), exchange(f"{CLADO}/j/more", ERROR, method="POST", number=1, status=500),
        clado(status("completed"), number=2), clado(status("searching"), number=3)],
    "pages of another size": [
        *_of_pages((1, page(1, 4)), (2, page(2, 4))), clado(page(1, 4, 3), query="page=1&page_size=3", number=5)],
    "pages of a job at work": _of_pages((1, {**page(1, 4), "status": "processing"}),
                                        (2, {**page(2, 6), "status": "processing"})),
    "page past the end": _of_pages((3, page(3, 4) | {"results": []})),
    "a person who changed on the same page": _of_pages(
        (1, page(1, 4)), (1, {**page(1, 4), "results": [person(0), person(1, headline="Now another")]})),
    "pages of the whole list": [clado(status("completed", results=FIVE)), *_of_pages((1, page(1, 5)), (3, page(3, 5)))],
    "the same page again": _of_pages((1, page(1, 4)), (1, page(1, 4))),
    "modern flags and lists": [
        clado(status("completed", results=[person(1, full_name="Person 1", is_working=1, is_decision_maker=0, posts=[],
                                                  liked_posts=["A text."], recommendations=[])]))],
    "a criterion with a name of its own": [
        clado(status("completed", results=[person(
            1, linkedin_profile_url="", criteria={"is a chemist": {"answer": True, "reasoning": "A text."}})]))],
    "a 404 of a run in either form": [
        orbit(run("not_found") | {"run_id": None}, status=404),
        orbit({"status": "failed", "error": {"code": RUN_NOT_FOUND, "message": ""}}, status=404)],
}  # fmt: skip
"""What is no change, although a careless check would report it."""


def report_of_each_kind() -> Report:
    """A report with violations of each kind, and an exchange that was left out."""
    names = ("byte order mark", "member of a record gone", "new phase")
    return checked([*(one for name in names for one in DRIFTS[name].exchanges), exchange("/health", {})])
