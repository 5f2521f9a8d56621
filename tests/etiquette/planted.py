"""Clients with one bug each, as public projects shipped them, and the scenario that provokes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.campaigns.clients.wire import Answer, Failed, Lost
from tests.etiquette.clients import DOCUMENTED, TERMINAL, Client, Habits
from tests.support import JOBS, KEYS, scenario


class WaitsForAnotherEnd(Client):
    """Waits for a status that the API doesn't have."""

    def over(self, answer: Answer) -> bool:
        return bool(answer.body["status"] == "success")


class DoesNotKnowCancelled(Client):
    """Polls a cancelled job to the time limit."""

    def over(self, answer: Answer) -> bool:
        return answer.body["status"] in TERMINAL - {"cancelled"}


class AsksAgainForTheResult(Client):
    """Reads the very same answer a second time, to collect."""

    def collect(self, job: str, body: Any) -> Any:
        return self.read(job, "")


class Hammers(Client):
    """Takes its interval for milliseconds."""

    def in_time(self, seconds: float) -> None:
        super().in_time(seconds / 1000)


class ReadsMilliseconds(Client):
    """Takes the seconds of Retry-After for milliseconds."""

    def seconds(self, value: str) -> float:
        return float(value) / 1000


class CannotReadDates(Client):
    """Gets nothing out of a Retry-After that is a date, and waits that long."""

    def until(self, value: str, date: str) -> float:
        return 0.0


class RoundsDown(Client):
    """Reads a date, and comes a second early."""

    def until(self, value: str, date: str) -> float:
        return super().until(value, date) - 1


class Honours429Only(Client):
    """Looks for Retry-After on a 429 alone."""

    def pause(self, answer: Answer, errors: int) -> float:
        return super().pause(answer, errors) if answer.status == 429 else self.wait_after(errors)


class Honours503Only(Client):
    """Looks for Retry-After on a 503 alone."""

    def pause(self, answer: Answer, errors: int) -> float:
        return super().pause(answer, errors) if answer.status == 503 else self.wait_after(errors)


class WaitsHalfASecond(Client):
    """Waits some part of half a second after each error."""

    def wait_after(self, errors: int) -> float:
        return errors * 0.37 % 0.5


class ForgetsToWait(Client):
    """Waits longer after the second error, and not at all after the others."""

    def wait_after(self, errors: int) -> float:
        return float(errors) if errors < 3 else 0.0


class StartsOver(Client):
    """Starts the job again after each poll that fails."""

    def wait(self, job: str) -> Any:
        while True:
            answer = self.poll(job)
            if answer.status < 400 and self.over(answer):
                return self.judged(answer)
            if answer.status >= 400:
                job = self.start()
            self.in_time(self.habits.interval)


class RetriesAtOnce(Client):
    """Asks again at once when an answer was lost."""

    def lost_wait(self, errors: int) -> float:
        return 0.0


class HasNoDeadline(Client):
    """Polls for days."""

    def in_time(self, seconds: float) -> None:
        self.wire.sleep(seconds)


class OverlooksRefusals(Client):
    """Doesn't look at the HTTP status: no body of an error says that the job has ended."""

    def poll(self, job: str) -> Answer:
        answer = super().poll(job)
        return answer if answer.status < 400 else Answer(status=200, headers={}, body={"status": "pending"})


class PollsAnotherJob(OverlooksRefusals):
    """The same, with an id that nobody has."""

    def poll(self, job: str) -> Answer:
        return super().poll("nobodys")


class ReplaysTheStart(Client):
    """Sends a start again although its answer was lost, and nothing protects it."""

    def start_lost(self, lost: Lost) -> None:
        pass


class NewKeyForEachTry(Client):
    """Makes a new idempotency key for each try."""

    def start_again(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "requestId": self.new_id()}


class StopsAtTheFirstPage(Client):
    """Takes the page that it polled for everything."""

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        return people


class StopsAtAnEmptyPage(Client):
    """Takes a page without people for the end."""

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        while more := self.read(job, f"page={page}&page_size={self.habits.size}")["results"]:
            people, page = people + more, page + 1
        return people


class ReadsTheFirstTotal(Client):
    """Takes the total of the first answer that has one for the final one."""

    total = 0

    def poll(self, job: str) -> Answer:
        answer = super().poll(job)
        self.total = self.total or answer.body.get("pagination", {}).get("total_pages", 0)
        return answer

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        for number in range(page, self.total + 1):
            people = people + self.read(job, f"page={number}&page_size={self.habits.size}")["results"]
        return people


class GuardsAgainstLoops(Client):
    """Stops where a page is as long as the one before it, for fear of a loop."""

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        before, more = -1, True
        while more and before != len(body["results"]):
            before = len(body["results"]) if page > 1 else -1
            body = self.read(job, f"page={page}&page_size={self.habits.size}")
            people, more, page = people + body["results"], body["pagination"]["has_next"], page + 1
        return people


class SkipsAPage(Client):
    """Goes from page one to page three."""

    def read(self, job: str, query: str) -> Any:
        if query.startswith("page=2&"):
            return {"results": [], "pagination": {"has_next": True}}
        return super().read(job, query)


class ReadsPagesTwice(Client):
    """Forgets to count up the page now and then."""

    def read(self, job: str, query: str) -> Any:
        if query.startswith("page=2&"):
            super().read(job, query)
        return super().read(job, query)


class WalksPastTheEnd(Client):
    """Reads pages until one is empty."""

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        found = super().walk(job, page, people, body)
        self.read(job, f"page={len(found) // self.habits.size + 2}&page_size={self.habits.size}")
        return found


class ChangesTheSize(Client):
    """Reads the first page with its own size, and the others with another."""

    def read(self, job: str, query: str) -> Any:
        first = query.startswith("page=1&")
        return super().read(job, query if first else query.replace("page_size=10", "page_size=12"))


class ShowsItsKey(Client):
    """Sends its key in the query too."""

    def poll(self, job: str) -> Answer:
        return self.wire.send("GET", f"{JOBS[self.api]}/{job}", f"api_key={KEYS[self.api]}")


class MistypesItsBase(Client):
    """Sends its starts below a path that isn't the API's."""

    def start(self) -> str:
        answer = self.wire.send("POST", f"/v1{JOBS[self.api]}", body=self.start_body())
        raise Failed(f"The start was answered {answer.status}.")


class AbortsAtOneError(Client):
    """Raises at the first error."""

    def passing(self, answer: Answer) -> bool:
        return False


class AbortsAtOneLostAnswer(Client):
    """Raises at the first answer that doesn't arrive."""

    def lost_wait(self, errors: int) -> float:
        raise Failed("no answer")


class ReadsTheEnvelope(Client):
    """Takes an error's `status: failed` for a failed run."""

    def passing(self, answer: Answer) -> bool:
        if answer.body.get("status") == "failed":
            raise Failed("the run failed")
        return False


class DoesNotKnowProcessing(Client):
    """Returns at a status that it doesn't know, though the documents do."""

    def over(self, answer: Answer) -> bool:
        return answer.body["status"] not in ("pending", "searching", "running")

    def judged(self, answer: Answer) -> Any:
        return answer.body

    def collect(self, job: str, body: Any) -> Any:
        return body


class HasAShortDeadline(Client):
    """Gives up after two minutes."""

    def in_time(self, seconds: float) -> None:
        if self.wire.now() - self.began > 120:
            raise Failed("two minutes have passed")
        super().in_time(seconds)


class ReturnsWhatItDoesNotKnow(DoesNotKnowProcessing):
    """Returns at a status that no document has, as if the job had finished."""

    def over(self, answer: Answer) -> bool:
        return answer.body["status"] not in DOCUMENTED - TERMINAL


class LooksForError(Client):
    """Knows an error by its member `error`; one with `detail` is returned."""

    def passing(self, answer: Answer) -> bool:
        return False

    def refused(self, answer: Answer) -> Any:
        return super().refused(answer) if "error" in answer.body else answer.body

    def collect(self, job: str, body: Any) -> Any:
        return body if "detail" in body else super().collect(job, body)


class ReturnsTheRefusal(Client):
    """Returns what refused its start."""

    def run(self) -> Any:
        try:
            return super().run()
        except Failed as failed:
            return str(failed)


class ForgetsToReturn(Client):
    """Collects the result, and returns nothing."""

    def report(self, body: Any, found: Any) -> Any:
        return None


class ReturnsNothing(Client):
    """Returns nothing for a job that didn't complete."""

    def judged(self, answer: Answer) -> Any:
        return answer.body

    def collect(self, job: str, body: Any) -> Any:
        return super().collect(job, body) if body["status"] == "completed" else []

    def report(self, body: Any, found: Any) -> Any:
        return found


class SaysCompleted(Client):
    """Returns each job as completed."""

    def judged(self, answer: Answer) -> Any:
        return answer.body

    def collect(self, job: str, body: Any) -> Any:
        return None

    def report(self, body: Any, found: Any) -> Any:
        return {**body, "status": "completed"}


class KeepsTheLastPage(Client):
    """Keeps only the people of the last page."""

    def report(self, body: Any, found: Any) -> Any:
        return super().report(body, found[-self.habits.size :])


class CollectsSomebodyTwice(Client):
    """Has one person twice, and loses another one."""

    def report(self, body: Any, found: Any) -> Any:
        return super().report(body, [*found[:-1], found[0]])


class DropsTheCounters(Client):
    """Returns what was found, and not how much of it is missing."""

    def report(self, body: Any, found: Any) -> Any:
        return found


class LooksAtTheClockFirst(Client):
    """Has the result in its last poll, and looks at the deadline before it."""

    def over(self, answer: Answer) -> bool:
        if self.wire.now() - self.began >= self.habits.deadline:
            raise Failed("the deadline has passed")
        return super().over(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A client with a bug, what provokes it, and the one rule that must see it."""

    bug: type[Client]
    rule: str
    api: str = "clado"
    played: Any
    habits: Habits = field(default_factory=Habits)

    def __str__(self) -> str:
        return f"{self.bug.__name__}-{self.api}"


START_503 = {"operation": "start", "when": {"request": 1}, "respond": {"status": 503}}
POLL_PAGED = Habits(poll="page=1&page_size=25", walk="rest")
TEN = Habits(poll="page=1&page_size=1", size=10)

FAILING = scenario(
    "clado", "pending", faults=[{"operation": "status", "when": {"every": 1}, "respond": {"status": 503}}]
)
PARTIAL = scenario("clado", "pending", {"status": "completed", "body": {"search_chunk_done": 2}})

PLANTED = [
    Planted(bug=WaitsForAnotherEnd, rule="polled-after-end", played="clado/usual"),
    Planted(bug=WaitsForAnotherEnd, rule="polled-after-end", played="orbit/usual", api="orbit"),
    Planted(bug=WaitsForAnotherEnd, rule="polled-after-end", played="clado/two-pages", habits=POLL_PAGED),
    Planted(bug=DoesNotKnowCancelled, rule="polled-after-end", played="clado/cancelled-elsewhere"),
    Planted(bug=DoesNotKnowCancelled, rule="polled-after-end", played="clado/cancelled-elsewhere", habits=TEN),
    Planted(bug=AsksAgainForTheResult, rule="polled-after-end", played="clado/usual"),
    Planted(bug=Hammers, rule="polled-too-fast", played="clado/usual"),
    Planted(bug=Hammers, rule="polled-too-fast", played="orbit/usual", api="orbit"),
    Planted(bug=ReadsMilliseconds, rule="retry-after-ignored", played="clado/rate-limited-once"),
    Planted(bug=ReadsMilliseconds, rule="retry-after-ignored", played="orbit/rate-limited-once", api="orbit"),
    Planted(bug=ReadsMilliseconds, rule="retry-after-ignored", played=scenario(
        "clado", "completed",
        faults=[{"operation": "start", "when": {"request": 1}, "respond": "rate_limited", "retry_after": 12}],
    )),
    Planted(bug=CannotReadDates, rule="retry-after-ignored", played="clado/rate-limited-repeatedly"),
    Planted(bug=RoundsDown, rule="retry-after-ignored", played="clado/rate-limited-repeatedly"),
    Planted(bug=Honours429Only, rule="retry-after-ignored", played="orbit/unavailable-once", api="orbit"),
    Planted(bug=Honours503Only, rule="retry-after-ignored", played="orbit/rate-limited-once", api="orbit"),
    Planted(bug=WaitsHalfASecond, rule="no-back-off", played=FAILING),
    Planted(bug=ForgetsToWait, rule="no-back-off", played=FAILING),
    Planted(bug=StartsOver, rule="started-over", played=FAILING),
    Planted(bug=RetriesAtOnce, rule="no-back-off", played="orbit/lost-answers", api="orbit"),
    Planted(bug=RetriesAtOnce, rule="no-back-off", played="clado/garbled-answers"),
    Planted(bug=HasNoDeadline, rule="no-deadline", played="clado/stuck", habits=Habits(interval=60)),
    Planted(bug=HasNoDeadline, rule="no-deadline", habits=Habits(interval=60), played=scenario(
        "clado", {"status": "reranking", "violates": ["schema"]},
    )),
    Planted(bug=OverlooksRefusals, rule="polls-after-refusal", played="orbit/not-found", api="orbit"),
    Planted(bug=PollsAnotherJob, rule="polls-after-refusal", played="clado/usual"),
    Planted(bug=ReplaysTheStart, rule="started-twice", played="clado/lost-start"),
    Planted(bug=NewKeyForEachTry, rule="started-twice", played="orbit/lost-start", api="orbit"),
    Planted(bug=NewKeyForEachTry, rule="started-twice", api="orbit", played=scenario(
        "orbit", "running", "completed", faults=[START_503],
    )),
    Planted(bug=StopsAtTheFirstPage, rule="page-missed", played="clado/two-pages", habits=POLL_PAGED),
    Planted(bug=StopsAtAnEmptyPage, rule="page-missed", played="clado/hostile-pages", habits=TEN),
    Planted(bug=ReadsTheFirstTotal, rule="page-missed", played="clado/growing",
            habits=Habits(poll="page=1&page_size=10", size=10)),
    Planted(bug=GuardsAgainstLoops, rule="page-missed", played="clado/thousand", habits=TEN),
    Planted(bug=SkipsAPage, rule="page-missed", played="clado/growing", habits=TEN),
    Planted(bug=ReadsPagesTwice, rule="page-repeated", played="clado/growing", habits=TEN),
    Planted(bug=WalksPastTheEnd, rule="page-past-end", played="clado/two-pages", habits=TEN),
    Planted(bug=ChangesTheSize, rule="page-size-changed", played="clado/growing", habits=TEN),
    Planted(bug=MistypesItsBase, rule="unknown-route", played="clado/usual"),
    Planted(bug=MistypesItsBase, rule="unknown-route", played="orbit/usual", api="orbit"),
    Planted(bug=ShowsItsKey, rule="key-in-url", played="clado/usual", habits=Habits(walk="nothing")),
    Planted(bug=ShowsItsKey, rule="key-in-url", played="orbit/usual", api="orbit"),
    Planted(bug=AbortsAtOneError, rule="gave-up-early", played="clado/unavailable-once"),
    Planted(bug=AbortsAtOneLostAnswer, rule="gave-up-early", played="clado/lost-answers"),
    Planted(bug=ReadsTheEnvelope, rule="gave-up-early", played="orbit/rate-limited-once", api="orbit"),
    Planted(bug=DoesNotKnowProcessing, rule="gave-up-early", played="clado/usual"),
    Planted(bug=DoesNotKnowProcessing, rule="gave-up-early", played="orbit/usual", api="orbit"),
    Planted(bug=HasAShortDeadline, rule="gave-up-early", played="clado/slow"),
    Planted(bug=ReturnsWhatItDoesNotKnow, rule="unknown-status-as-result", played="clado/unknown-status"),
    Planted(bug=ReturnsWhatItDoesNotKnow, rule="unknown-status-as-result", played="orbit/unknown-status", api="orbit"),
    Planted(bug=LooksForError, rule="error-as-result", played="clado/unavailable-once"),
    Planted(bug=ReturnsTheRefusal, rule="error-as-result", api="orbit", played="orbit/no-credits"),
    Planted(bug=ReturnsNothing, rule="failure-as-nothing", played="clado/job-error"),
    Planted(bug=ReturnsNothing, rule="failure-as-nothing", played="clado/cancelled-elsewhere"),
    Planted(bug=ForgetsToReturn, rule="result-as-nothing", played="clado/two-pages"),
    Planted(bug=ForgetsToReturn, rule="result-as-nothing", played="orbit/usual", api="orbit"),
    Planted(bug=ForgetsToReturn, rule="result-as-nothing", played="orbit/usual-discovery", api="orbit"),
    Planted(bug=SaysCompleted, rule="wrong-status", played="clado/cancelled-elsewhere"),
    Planted(bug=KeepsTheLastPage, rule="wrong-count", played="clado/growing", habits=TEN),
    Planted(bug=CollectsSomebodyTwice, rule="twice", played="clado/growing", habits=TEN),
    Planted(bug=DropsTheCounters, rule="partial-as-whole", played=PARTIAL),
    Planted(bug=DropsTheCounters, rule="partial-as-whole", played="orbit/no-sections", api="orbit"),
    Planted(bug=LooksAtTheClockFirst, rule="result-raised-as-error", played="clado/slow",
            habits=Habits(interval=60, deadline=900)),
]  # fmt: skip
