"""Pairs of clients of which the wrong one sends requests that it shouldn't, or leaves some out."""

from __future__ import annotations

from tests.campaigns.clients.planting import Pair
from tests.support import scenario

_ENDED = 'ENDED = ("completed", "error", "failed", "cancelled")'
_HAS_NEXT = 'if not body["pagination"]["has_next"]:'
_PATH = 'return f"{JOBS[self.api]}/{job}"'
_TEMPORARY = "TEMPORARY = (408, 425, 429, 500, 502, 503, 504)"
_SEND = 'answer = await self.wire.send("POST", JOBS[self.api], body=request)'
_NEW_KEY = 'answer = await self.wire.send("POST", JOBS[self.api], body={**request, "requestId": f"try-{attempt}"})'
_PARTS = {"page_size": 10}
_FORBIDDEN = scenario("clado", "pending", faults=[{"when": {"every": 1}, "respond": "forbidden"}])
_UNAUTHORIZED = scenario("clado", "pending", faults=[{"when": {"every": 1}, "respond": "unauthorized"}])
_NO_CREDITS = scenario(
    "clado", "completed", faults=[{"operation": "start", "when": {"every": 1}, "respond": "credits_insufficient"}]
)  # fmt: skip
_START_FAILS = scenario(
    "orbit", "running", "completed", faults=[{"operation": "start", "when": {"request": 1}, "respond": {"status": 503}}]
)  # fmt: skip
_POLLS_UNAVAILABLE = scenario(
    "clado", "pending", "completed",
    faults=[{"when": {"request": number}, "respond": "unavailable"} for number in (1, 2, 3)],
)  # fmt: skip
_MORE_LOST = scenario(
    "clado", "pending", "completed", results={"count": 10},
    more={"count": 45, "progression": [{"status": "pending", "after": {"polls": 2}}, {"status": "completed"}]},
    faults=[{"operation": "more", "when": {"request": 1}, "disconnect": "before_response"}],
)  # fmt: skip

AFTER_END = (
    Pair(name="waits-for-another-end", rule="polled-after-end", played="clado/usual",
         line=_ENDED, becomes='ENDED = ("success",)'),
    Pair(name="waits-for-another-end-orbit", rule="polled-after-end", played="orbit/usual",
         line=_ENDED, becomes='ENDED = ("success",)'),
    Pair(name="waits-for-another-end-paged", rule="polled-after-end", played="clado/two-pages",
         settings={"poll": "page=1&page_size=25"}, line=_ENDED, becomes='ENDED = ("success",)'),
    Pair(name="waits-for-another-end-with-cache-buster", rule="polled-after-end", played="clado/usual",
         kind="CacheBuster", line=_ENDED, becomes='ENDED = ("success",)'),
    Pair(name="cancelled-not-known", rule="polled-after-end", played="clado/cancelled-elsewhere",
         line=_ENDED, becomes='ENDED = ("completed", "error", "failed")'),
    Pair(name="error-not-known", rule="polled-after-end", played="clado/job-error",
         line=_ENDED, becomes='ENDED = ("completed", "failed", "cancelled")'),
    Pair(name="failed-not-known", rule="polled-after-end", played="orbit/not-retryable",
         line=_ENDED, becomes='ENDED = ("completed", "error", "cancelled")'),
    Pair(name="a-fixed-number-of-polls", rule="polled-after-end", played="clado/usual",
         line='if body["status"] in ENDED:', becomes='if body["status"] in ENDED and polls > 15:'),
    Pair(name="first-page-for-ever", rule="polled-after-end", played="clado/two-pages", settings=_PARTS,
         also=("page-missed",),
         line="page += 1", becomes="page += 0"),
)  # fmt: skip

REFUSALS = (
    Pair(name="not-found-not-heeded", rule="polls-after-refusal", played="orbit/not-found",
         line='raise Failed(f"The request was answered {answer.status}.")', becomes="pass"),
    Pair(name="not-found-as-a-run-not-heeded", rule="polls-after-refusal", played="orbit/not-found-as-run",
         line='raise Failed(f"The request was answered {answer.status}.")', becomes="pass"),
    Pair(name="forbidden-taken-for-temporary", rule="polls-after-refusal", played=_FORBIDDEN,
         line=_TEMPORARY, becomes="TEMPORARY = (403, 408, 425, 429, 500, 502, 503, 504)"),
    Pair(name="key-revoked", rule="polls-after-refusal", played=_UNAUTHORIZED,
         line=_TEMPORARY, becomes="TEMPORARY = (401, 408, 425, 429, 500, 502, 503, 504)"),
    Pair(name="no-credits-taken-for-temporary", rule="polls-after-refusal", played=_NO_CREDITS,
         line=_TEMPORARY, becomes="TEMPORARY = (402, 408, 425, 429, 500, 502, 503, 504)"),
)  # fmt: skip

STARTS = (
    Pair(name="replays-the-start", rule="started-twice", played="clado/lost-start",
         line='if self.api == "clado":', becomes='if self.api == "neither":'),
    Pair(name="new-key-for-each-try", rule="started-twice", played="orbit/lost-start", line=_SEND, becomes=_NEW_KEY),
    Pair(name="new-key-after-a-503", rule="started-twice", played=_START_FAILS, line=_SEND, becomes=_NEW_KEY),
    Pair(name="replays-more", rule="started-twice", played=_MORE_LOST, kind="Continues", file="readers",
         line="return await super().finish(job)", becomes="answer = await self.more(job)"),
    Pair(name="starts-over-after-failures", rule="started-over", played="clado/job-error", program="retried",
         file="programs", line="for _ in range(2):", becomes="for _ in range(40):"),
    Pair(name="starts-over-on-new-connections", rule="started-over", played="clado/job-error", program="retried",
         named={"connections": True}, file="programs", line="for _ in range(2):", becomes="for _ in range(40):"),
    Pair(name="starts-over-at-each-error", rule="started-over", played=_POLLS_UNAVAILABLE, program="watched",
         settings={"deadline": 1e9}, file="programs", line="errors = errors + 1 if answer.status >= 500 else 0",
         becomes="job = await client.start() if answer.status >= 500 else job"),
    Pair(name="submits-the-same", rule="started-over", played="clado/usual", program="submitted", file="programs",
         line='client.name = f"chemists in town {number}"', becomes='client.name = "chemists in Graz"'),
)  # fmt: skip

_PATHS = 'JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}'
_MISTYPED = 'JOBS = {"clado": "/v1/api/search/deep_research", "orbit": "/developer/deep-search"}'

ROUTES = (
    Pair(name="mistypes-its-base", rule="unknown-route", played="clado/usual", line=_PATHS, becomes=_MISTYPED),
    Pair(name="mistypes-its-base-orbit", rule="unknown-route", played="orbit/usual", line=_PATHS, becomes=_MISTYPED),
)

KEYS_IN_URLS = (
    Pair(name="key-in-the-query", rule="key-in-url", played="clado/usual",
         line="return self.settings.poll", becomes='return "api_key=lk_test"'),
    Pair(name="key-in-the-query-orbit", rule="key-in-url", played="orbit/usual",
         line="return self.settings.poll", becomes='return "api_key=sk_orb_test"'),
    Pair(name="key-in-percent-encoding", rule="key-in-url", played="clado/usual",
         line="return self.settings.poll", becomes='return "api_key=%6C%6B_test"'),
    Pair(name="key-in-base64", rule="key-in-url", played="clado/usual",
         line="return self.settings.poll", becomes='return "auth=bGtfdGVzdDp4"'),
)  # fmt: skip

PAGES = (
    Pair(name="first-page-alone", rule="page-missed", played="clado/two-pages", kind="PollsPages", file="readers",
         line='while body["pagination"]["has_next"]:', becomes="while False:"),
    Pair(name="stops-at-an-empty-page", rule="page-missed", played="clado/hostile-pages", settings=_PARTS,
         line=_HAS_NEXT, becomes='if not body["pagination"]["has_next"] or not body.get("results"):'),
    Pair(name="guards-against-loops", rule="page-missed", played="clado/thousand", settings=_PARTS,
         line=_HAS_NEXT, becomes='if not body["pagination"]["has_next"] or len(people) == 2 * len(body["results"]):'),
    Pair(name="skips-pages", rule="page-missed", played="clado/thousand", settings=_PARTS,
         line="page += 1", becomes="page += 2"),
    Pair(name="begins-at-page-two", rule="page-missed", played="clado/growing", settings=_PARTS,
         line="page = 1", becomes="page = 2"),
    Pair(name="loses-the-last-page", rule="page-missed", played="clado/two-pages", settings=_PARTS,
         line=_HAS_NEXT, becomes='if page + 1 == body["pagination"]["total_pages"]:'),
    Pair(name="reads-the-first-total", rule="page-missed", played="clado/growing", settings=_PARTS,
         kind="CountsPages", file="readers", line='self.pages = body["pagination"]["total_pages"]',
         becomes='self.pages = self.pages or body["pagination"]["total_pages"]',
         unknown_on=("scaled ×20", "scaled ×100")),
    Pair(name="loses-a-parallel-page", rule="page-missed", played="clado/growing", settings=_PARTS,
         kind="ParallelPages", file="readers",
         line='partial(self.read_page, job, page) for page in range(2, first["pagination"]["total_pages"] + 1)',
         becomes='partial(self.read_page, job, page) for page in range(2, first["pagination"]["total_pages"])'),
    Pair(name="loses-a-page-on-the-way-down", rule="page-missed", played="clado/growing", settings=_PARTS,
         kind="WalksDown", file="readers",
         line='for page in range(pages[1]["pagination"]["total_pages"], 1, -1):',
         becomes='for page in range(pages[1]["pagination"]["total_pages"], 2, -1):'),
    Pair(name="reads-each-page-twice", rule="page-repeated", played="clado/growing", settings={"page_size": 20},
         line="body = await self.read_page(job, page)",
         becomes="body = (await self.read_page(job, page), await self.read_page(job, page))[1]"),
    Pair(name="walks-past-the-end", rule="page-past-end", played="clado/two-pages", settings=_PARTS,
         line=_HAS_NEXT, becomes='if not body["results"]:'),
    Pair(name="changes-the-size", rule="page-size-changed", played="clado/growing", settings=_PARTS,
         line='return await self.ask(self.job_path(job), f"page={page}&page_size={self.settings.page_size}")',
         becomes='return await self.ask(self.job_path(job), f"page={page}&page_size={10 if page == 1 else 12}")'),
)  # fmt: skip

REQUESTS = (*AFTER_END, *REFUSALS, *STARTS, *ROUTES, *KEYS_IN_URLS, *PAGES)
