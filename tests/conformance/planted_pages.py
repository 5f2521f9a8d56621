"""Bugs of clients that read people page by page, or ask for more people."""

from __future__ import annotations

from tests.conformance.planted_bug import PlantedBug

_PY_LOOP = "        for page in count(1):\n"
_PY_PEOPLE = '            people += body["results"]\n'
_PY_NO_NEXT = 'if not body["pagination"]["has_next"]'
_PY_LAST = ' or page >= body["pagination"]["total_pages"]:'
_PY_BEGIN = "        last, people, totals = self.poll(job), [], set()\n"
_PY_MORE = '{self.jobs}/{job}/more", limit'
_PY_RETURN = 'return {**last, "results": people}'
_TS_LOOP = "    for (let page = 1, more = true; more; page += 1) {\n"
_TS_PEOPLE = "      people.push(...body.results);\n"
_TS_NEXT = "more = body.pagination.has_next"
_TS_LAST = " && page < body.pagination.total_pages;"
_TS_BEGIN = "    const [last, people, totals] = [await this.poll(job), [] as unknown[], new Set<number>()];\n"
_TS_MORE = "${this.jobs}/${job}/more`, limit"
_TS_RETURN = "return { ...last, results: people };"

PAGE_BUGS = (
    PlantedBug(
        "pages-from-0", "pages", "It counts pages from 0.",
        (_PY_LOOP, "        for page in count():\n"), (_TS_LOOP, _TS_LOOP.replace("page = 1", "page = 0")),
    ),
    PlantedBug(
        "first-page-only", "pages", "It reads only the first page.",
        (_PY_NO_NEXT + _PY_LAST, "if page == 1:"), (_TS_NEXT + _TS_LAST, "more = false;"),
    ),
    PlantedBug(
        "last-page-not-read", "pages", "It never reads the last page.",
        (_PY_LAST, ' or page + 1 >= body["pagination"]["total_pages"]:'),
        (_TS_LAST, " && page + 1 < body.pagination.total_pages;"),
    ),
    PlantedBug(
        "last-page-only", "pages", "It keeps only the people of the last page.",
        (_PY_PEOPLE, '            people = body["results"]\n'),
        (_TS_PEOPLE, "      people.splice(0, people.length, ...body.results);\n"),
    ),
    PlantedBug(
        "empty-page-as-end", "pages", "It takes an empty page for the end, although more pages follow.",
        (_PY_NO_NEXT, 'if not body["results"] or not body["pagination"]["has_next"]'),
        (_TS_NEXT, "more = body.results.length && body.pagination.has_next"),
    ),
    PlantedBug(
        "guard-drops-pages", "pages", "Its guard against loops stops at two pages with equally many people.",
        (_PY_NO_NEXT, 'if len(people) == 2 * len(body["results"]) or not body["pagination"]["has_next"]'),
        (_TS_NEXT, "more = people.length !== 2 * body.results.length && body.pagination.has_next"),
    ),
    PlantedBug(
        "pages-without-end", "pages", "It reads pages as long as one says that another follows, beyond the last one.",
        (_PY_LAST, ":"), (_TS_LAST, ";"),
    ),
    PlantedBug(
        "first-total-as-final", "pages", "It reads as many pages as an unfinished job has shown at first.",
        (_PY_BEGIN + _PY_LOOP, f"""        first = self.send("GET", f"{{self.jobs}}/{{job}}?page=1&page_size=25")
{_PY_BEGIN}        for page in range(1, first.get("pagination", {{}}).get("total_pages", 0) + 2):
"""),
        (_TS_BEGIN + _TS_LOOP, """    const first = await this.send("GET", `${this.jobs}/${job}?page=1&page_size=25`);
"""
         + _TS_BEGIN + _TS_LOOP.replace("more;", "more && page <= (first.pagination?.total_pages ?? 0) + 1;")),
    ),
    PlantedBug(
        "pages-before-the-end", "pages", "It reads the pages of a job that is still at work.",
        (_PY_BEGIN, '        last, people, totals = {"status": "completed"}, [], set()\n'),
        (_TS_BEGIN, _TS_BEGIN.replace("await this.poll(job)", '{ status: "completed" }')),
    ),
    PlantedBug(
        "page-size-changes", "pages", "It changes the page size after the first page, and skips people.",
        ('page_size=25")', 'page_size={25 if page == 1 else 50}")'),
        ("page_size=25`", "page_size=${page === 1 ? 25 : 50}`"),
    ),
    PlantedBug(
        "people-twice", "pages", "It returns people twice.",
        (_PY_RETURN, 'return {**last, "results": people + people[:1]}'),
        (_TS_RETURN, "return { ...last, results: [...people, ...people.slice(0, 1)] };"),
    ),
    PlantedBug(
        "page-read-twice", "pages", "It reads each page twice.",
        (_PY_PEOPLE, _PY_PEOPLE + '            self.send("GET", f"{self.jobs}/{job}?page={page}&page_size=25")\n'),
        (_TS_PEOPLE, _TS_PEOPLE + '      await this.send("GET", `${this.jobs}/${job}?page=${page}&page_size=25`);\n'),
    ),
    PlantedBug(
        "continue-instead-of-more", "more", "It asks for more people by the old path `/continue` and its old field.",
        (_PY_MORE, '{self.jobs}/{job}/continue", {"additionalLimit": number for number in limit.values()}'),
        (_TS_MORE, "${this.jobs}/${job}/continue`, { additionalLimit: limit.additional_limit }"),
    ),
    PlantedBug(
        "old-field-of-more", "more", "It asks for more people by the old field, which `/more` doesn't know.",
        (_PY_MORE, '{self.jobs}/{job}/more", {"additionalLimit": number for number in limit.values()}'),
        (_TS_MORE, "${this.jobs}/${job}/more`, { additionalLimit: limit.additional_limit }"),
    ),
    PlantedBug(
        "only-the-new-people", "more", "It returns only the people that were found last.",
        ("        return self.poll(job)\n", """        body = self.poll(job)
        return {**body, "results": body["results"][-limit.get("additional_limit", 30) :]}
"""),
        ("    return this.poll(job);\n", """    const body = await this.poll(job);
    return { ...body, results: body.results.slice(-(limit.additional_limit ?? 30)) };
"""),
    ),
)  # fmt: skip
