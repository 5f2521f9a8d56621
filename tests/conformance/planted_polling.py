"""Bugs of clients that wait for a job: statuses, ends, deadlines, pauses."""

from __future__ import annotations

from tests.conformance.planted_bug import PlantedBug

_PY_ENDED = 'ENDED = ("completed", "error", "failed", "cancelled")'
_PY_LOOP = """ not in ENDED:
            self.wait(self.interval)
        if body["status"] != "completed":"""
_PY_PAUSE = "            self.wait(self.interval)\n"
_PY_JUDGED = '        if body["status"] != "completed":\n'
_PY_RETURN = "        return body\n"
_PY_MORE = "        return self.poll(job)\n"
_TS_ENDED = 'const ENDED = ["completed", "error", "failed", "cancelled"];'
_TS_RETURN = '      if (body.status === "completed") return body;\n'
_TS_FAILED = "      if (ENDED.includes(body.status))\n"
_TS_PAUSE = "      await this.wait(this.settings.interval);\n"
_TS_MORE = "    return this.poll(job);\n"


def _py_loop(running: str) -> tuple[str, str]:
    """Return the replacement with which the client in Python polls while a condition holds."""
    return _PY_LOOP, f""" {running}:
            self.wait(self.interval)
        if body["status"] in ENDED[1:]:"""


def _ts_return(condition: str) -> tuple[str, str]:
    """Return the replacement with which the client in TypeScript returns an answer on another condition."""
    return _TS_RETURN, f"      if ({condition}) return body;\n"


POLLING_BUGS = (
    PlantedBug(
        "unknown-status-returned", "poll", "It takes a status that it doesn't know for the end, and returns.",
        _py_loop('in ("pending", "searching", "processing", "running", "generating_sections")'),
        _ts_return(
            '!["pending", "searching", "processing", "running", "generating_sections", ...ENDED.slice(1)]'
            ".includes(body.status)"
        ),
    ),
    PlantedBug(
        "unknown-status-fails", "poll", "It fails at a status that it doesn't know.",
        (_PY_PAUSE, f"""            if body["status"] not in ("pending", "searching", "processing"):
                raise Failed("The status isn't known.")
{_PY_PAUSE}"""),
        (_TS_PAUSE, f"""      if (!["pending", "searching", "processing"].includes(body.status)) throw new Failed("");
{_TS_PAUSE}"""),
    ),
    PlantedBug(
        "processing-returned", "poll", "It doesn't know `processing`, and returns the unfinished job at once.",
        _py_loop('in ("pending", "searching")'),
        _ts_return('!["pending", "searching", ...ENDED.slice(1)].includes(body.status)'),
    ),
    PlantedBug(
        "partial-returned", "poll", "It returns the first people that an unfinished job shows.",
        _py_loop('not in ENDED and not body.get("results")'),
        _ts_return('body.status === "completed" || (body.results?.length && !ENDED.includes(body.status))'),
    ),
    PlantedBug(
        "generating-returned", "poll", "It returns a run whose sections are still generated.",
        _py_loop('== "running"'), _ts_return('!["running", ...ENDED.slice(1)].includes(body.status)'),
        api="orbit",
    ),
    PlantedBug(
        "state-never-exists", "poll", "It waits for the status `success`, which no job ever has.",
        (_PY_ENDED, 'ENDED = ("success", "error", "failed", "cancelled")'),
        (_TS_RETURN + _TS_FAILED, """      if (body.status === "success") return body;
      if (ENDED.slice(1).includes(body.status))
"""),
    ),
    PlantedBug(
        "cancelled-not-an-end", "poll", "It polls a cancelled job to its deadline.",
        (_PY_ENDED, 'ENDED = ("completed", "error", "failed")'),
        (_TS_ENDED, 'const ENDED = ["completed", "error", "failed"];'),
    ),
    PlantedBug(
        "cancelled-as-completed", "poll", "It returns a cancelled job as if it were completed.",
        (_PY_JUDGED, '        if body["status"] not in ("completed", "cancelled"):\n'),
        _ts_return('["completed", "cancelled"].includes(body.status)'),
    ),
    PlantedBug(
        "failed-as-result", "poll", "It returns a job that failed as its result.",
        (_PY_JUDGED, '        if body["status"] == "cancelled":\n'),
        _ts_return('["completed", "error", "failed"].includes(body.status)'),
    ),
    PlantedBug(
        "empty-list-fails", "poll", "It takes an empty list of people for a failure.",
        (_PY_RETURN, f"""        if not body.get("results"):
            raise Failed("Nobody was found.")
{_PY_RETURN}"""),
        _ts_return('body.status === "completed" && body.results?.length'),
    ),
    PlantedBug(
        "new-member-fails", "poll", "It fails at a member that it doesn't know.",
        (_PY_RETURN, f"""        if set(body) - {{
            "job_id", "status", "message", "created_at", "opensearch_results", "final_results_count", "total_filtered",
            "search_chunk_done", "search_chunk_total", "results",
        }}:
            raise Failed("A member isn't known.")
{_PY_RETURN}"""),
        _ts_return(
            'body.status === "completed" && Object.keys(body).every((name) => ["job_id", "status", "message", '
            '"created_at", "opensearch_results", "final_results_count", "total_filtered", "search_chunk_done", '
            '"search_chunk_total", "results"].includes(name))'
        ),
    ),
    PlantedBug(
        "modern-records-fail", "poll", "It knows only the old form of records, and fails at lists of the modern form.",
        (_PY_RETURN, f"""        known = {{"profile", "experience", "education", "posts"}}
        if any(set(person) - known for person in body["results"]):
            raise Failed("A record isn't known.")
{_PY_RETURN}"""),
        (_TS_RETURN, f"""      const lists = (body.results ?? []).flatMap(Object.keys) as string[];
      if (lists.some((name) => !["profile", "experience", "education", "posts"].includes(name)))
        throw new Failed("A record isn't known.");
{_TS_RETURN}"""),
    ),
    PlantedBug(
        "no-deadline", "poll", "It has no deadline.",
        ("        self.end = time.monotonic() + deadline\n", '        self.end = float("inf")\n'),
        ("    this.end = performance.now() + settings.deadline * 1000;\n", "    this.end = Infinity;\n"),
    ),
    PlantedBug(
        "deadline-moves", "poll", "It counts the deadline from its last poll, so that it never comes.",
        (_PY_PAUSE, f"            self.end += self.interval\n{_PY_PAUSE}"),
        (_TS_PAUSE, f"      (this as any).end += this.settings.interval * 1000;\n{_TS_PAUSE}"),
    ),
    PlantedBug(
        "last-poll-too-late", "poll", "It looks at its deadline before the answer of its last allowed poll.",
        (_PY_JUDGED, f"""        if time.monotonic() + self.interval >= self.end:
            raise Failed("The deadline has passed.")
{_PY_JUDGED}"""),
        _ts_return('body.status === "completed" && performance.now() + this.settings.interval * 1000 < this.end'),
    ),
    PlantedBug(
        "gives-up-early", "poll", "It gives up long before its deadline.",
        (_PY_PAUSE, f"""{_PY_PAUSE}            self.end -= 55
"""),
        (_TS_PAUSE, f"{_TS_PAUSE}      (this as any).end -= 55_000;\n"),
    ),
    PlantedBug(
        "no-pause", "poll", "It polls without a pause.",
        (_PY_PAUSE, "            self.wait(0)\n"), (_TS_PAUSE, "      await this.wait(0);\n"),
    ),
    PlantedBug(
        "interval-in-milliseconds", "poll", "It takes the seconds of its interval for milliseconds.",
        (_PY_PAUSE, "            self.wait(self.interval / 1000)\n"),
        (_TS_PAUSE, "      await this.wait(this.settings.interval / 1000);\n"),
    ),
    PlantedBug(
        "more-not-awaited", "more", "It doesn't wait until a job that was asked for more people has ended again.",
        (_PY_MORE, '        return self.send("GET", f"{self.jobs}/{job}")\n'),
        (_TS_MORE, '    return this.send("GET", `${this.jobs}/${job}`);\n'),
    ),
    PlantedBug(
        "run-not-awaited", "profile", "It reads the profile without waiting for the end of the run.",
        ('self.poll(run)["result"])', 'self.send("GET", f"{self.jobs}/{run}")["result"] or {})'),
        ("(await this.poll(run)).result;", '(await this.send("GET", `${this.jobs}/${run}`)).result ?? {};'),
        api="orbit",
    ),
)  # fmt: skip
