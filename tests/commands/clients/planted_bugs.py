"""Bugs that public clients shipped, each as one other line of `correct_client.mjs`, and the rule that finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORRECT = Path(__file__).with_name("correct_client.mjs")
_TEMPORARY = "const TEMPORARY = [408, 425, 429, 500, 502, 503, 504];"
_ENDED = "if (ENDED.includes(body.status)) return body;"
_RETRY_AFTER = 'const value = answer.headers.get("retry-after");'
_DEADLINE = "if (now() + seconds > settings.deadline)"
_PEOPLE = "people.push(...(body.results ?? []));"
_SLOWLY = {"interval": 3000}
"""So many polls fit into days that a test of a client without a deadline is quick."""
_UNKNOWN = {
    "version": 1, "api": "clado", "summary": "Never leaves an unknown status.",
    "progression": [{"status": "reranking", "violates": ["schema"]}],
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedBug:
    """A bug of a client in Node: `part` of the correct client is `becomes`, and a rule finds it in a scenario.

    A rule that needs the outcome of the client's call is judged by the control API, which the client asks then.
    `settings` are those of both clients.
    """

    bug: str
    rule: str
    played: Any
    part: str
    becomes: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs_outcome: bool = False

    @property
    def api(self) -> str:
        """The API that the client calls."""
        return str(self.played["api"] if isinstance(self.played, dict) else self.played.partition("/")[0])

    def source(self) -> str:
        """Return the program with the bug."""
        source = CORRECT.read_text("utf-8")
        if source.count(self.part) != 1:
            raise ValueError(f"{source.count(self.part)} parts are {self.part!r}.")
        return source.replace(self.part, self.becomes)


PLANTED_BUGS = (
    PlantedBug(
        bug="an unknown status: loops for ever", rule="no-deadline", played=_UNKNOWN, settings=_SLOWLY,
        part=_DEADLINE, becomes="if (now() + seconds > settings.deadline && !settings.interval)",
    ),
    PlantedBug(
        bug="an unknown status: returned as if finished", rule="unknown-status-as-result", needs_outcome=True,
        played="clado/unknown-status", part=_ENDED,
        becomes='if (!RUNNING.includes(body.status)) return { ...body, status: "completed" };',
    ),
    PlantedBug(
        bug="no deadline", rule="no-deadline", played="clado/stuck", settings=_SLOWLY, part=_DEADLINE,
        becomes="if (false)",
    ),
    PlantedBug(
        bug="the end on the last allowed poll is reported as a timeout", rule="result-raised-as-error",
        needs_outcome=True, played="clado/slow", settings={"interval": 60, "deadline": 910}, part=_ENDED,
        becomes="if (ENDED.includes(body.status) && now() + settings.interval < settings.deadline) return body;",
    ),
    PlantedBug(
        bug="one 503 ends the whole wait", rule="gave-up-early", needs_outcome=True, played="clado/unavailable-once",
        part=_TEMPORARY, becomes="const TEMPORARY = [408, 425, 429, 500, 502, 504];",
    ),
    PlantedBug(
        bug="Retry-After as milliseconds", rule="retry-after-ignored", played="clado/rate-limited-once",
        part="return Number(value);", becomes="return Number(value) / 1000;",
    ),
    PlantedBug(
        bug="Retry-After as a date: NaN", rule="retry-after-ignored", played="clado/rate-limited-repeatedly",
        part=r"if (/^\d+$/.test(value)) return Number(value);", becomes="return Number(value) || 0;",
    ),
    PlantedBug(
        bug="Retry-After honoured on 429 alone", rule="retry-after-ignored", played="orbit/unavailable-once",
        part=_RETRY_AFTER, becomes='const value = answer.status === 429 ? answer.headers.get("retry-after") : null;',
    ),
    PlantedBug(
        bug="waits for a state that never exists", rule="polled-after-end", played="clado/usual",
        settings={"interval": 20},
        part='const ENDED = ["completed",', becomes='const ENDED = ["success",',
    ),
    PlantedBug(
        bug="a start whose answer was lost is sent again", rule="started-twice", played="clado/lost-start",
        part='if (api === "clado") throw', becomes='if (api === "neither") throw',
    ),
    PlantedBug(
        bug="a new idempotency key for each attempt", rule="started-twice", played="orbit/lost-start",
        part='await send("POST", JOBS[api], request)',
        becomes='await send("POST", JOBS[api], { ...request, requestId: `try-${attempt}` })',
    ),
    PlantedBug(
        bug="forgets to count up the page", rule="page-repeated", played="clado/two-pages",
        settings={"page_size": 10, "page_pause": 1}, part="page += 1)", becomes="page += seen.length % 2)",
    ),
    PlantedBug(
        bug="a guard against loops drops legal pages", rule="page-missed", played="clado/thousand",
        settings={"page_size": 10}, part="if (!body.pagination.has_next)",
        becomes="if (!body.pagination.has_next || people.length === 2 * body.results.length)",
    ),
    PlantedBug(
        bug="stops at an empty page with more to come", rule="page-missed", played="clado/hostile-pages",
        settings={"page_size": 10}, part="if (!body.pagination.has_next)",
        becomes="if (!body.pagination.has_next || !body.results?.length)",
    ),
)  # fmt: skip
"""The first 12 rows of the list of bugs, one of them in two forms, and one more row."""
