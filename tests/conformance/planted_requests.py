"""Bugs of clients in single requests: errors, Retry-After, lost answers, starts, refusals, keys."""

from __future__ import annotations

from tests.conformance.planted_bug import PlantedBug

_PY_TEMPORARY = "TEMPORARY = (408, 425, 429, *range(500, 600))"
_PY_JUDGED = "                if answer.status_code in TEMPORARY:\n"
_PY_RETRY_AFTER = "seconds, started = retry_after(answer.headers), answer.status_code not in (429, 503)"
_PY_DATE = '(parsedate_to_datetime(given) - parsedate_to_datetime(headers["date"])).total_seconds()'
_PY_REQUEST = "                answer, text = self.request(method, path, body)\n"
_PY_WAIT = "self.wait(max(self.interval * min(2**errors, 12), seconds), said)"
_PY_PRINTED = 'print(json.dumps(actions[os.environ["JOBMOCK_ACTION"]]()))'
_PY_POLL = 'self.send("GET", f"{self.jobs}/{job}")).get("status")'
_PY_LOST = "            except (httpx.RequestError, KeyError, ValueError) as error:\n"
_TS_JUDGED = "        if (TEMPORARY.includes(answer.status) || answer.status >= 500)\n"
_TS_RETRY_AFTER = "retryAfter(answer.headers), ![429, 503]"
_TS_DATE = '(Date.parse(given) - Date.parse(headers.get("date") ?? "")) / 1000 || 0'
_TS_REQUEST = "        const answer = await this.request(method, path, body);\n"
_TS_WAIT = "await this.wait(Math.max(this.settings.interval * Math.min(2 ** errors, 12), seconds), said);"
_TS_POLL = 'const body = await this.send("GET", `${this.jobs}/${job}`);'
_TS_LOST = "        said = String(error);\n"

REQUEST_BUGS = (
    PlantedBug(
        "one-503-ends-it", "poll", "One answer 503 ends its whole wait.",
        (_PY_TEMPORARY, "TEMPORARY = (408, 425, 429, 500, 502, 504)"),
        (_TS_JUDGED, _TS_JUDGED.replace("answer.status >= 500", "(answer.status >= 500 && answer.status !== 503)")),
    ),
    PlantedBug(
        "one-429-ends-it", "poll", "One answer 429 ends its whole wait.",
        (_PY_TEMPORARY, "TEMPORARY = (408, 425, *range(500, 600))"),
        ("const TEMPORARY = [408, 425, 429];", "const TEMPORARY = [408, 425];"),
    ),
    PlantedBug(
        "lost-answer-ends-it", "poll", "One answer that is lost or can't be read ends its whole wait.",
        (_PY_LOST, "            except ZeroDivisionError as error:\n"),
        (_TS_LOST, "        throw error;\n"),
    ),
    PlantedBug(
        "no-request-timeout", "poll", "It waits for ever for an answer that never comes.",
        ("timeout=limit - time.monotonic())", "timeout=None)"),
        ("body: body && JSON.stringify(body), signal });", "body: body && JSON.stringify(body) });"),
    ),
    PlantedBug(
        "no-back-off", "poll", "It sends a request again at once after an error.",
        (_PY_WAIT, "self.wait(seconds, said)"), (_TS_WAIT, "await this.wait(seconds, said);"),
    ),
    PlantedBug(
        "back-off-without-end", "poll", "Its pauses after errors double beyond its deadline.",
        (_PY_WAIT, "time.sleep(max(self.interval * 2**errors, seconds))"),
        (_TS_WAIT, "await sleep(Math.max(this.settings.interval * 2 ** errors, seconds) * 1000);"),
    ),
    PlantedBug(
        "retry-after-in-milliseconds", "poll", "It takes the seconds of Retry-After for milliseconds.",
        ("return float(given)", "return float(given) / 1000"),
        ("return Number(given);", "return Number(given) / 1000;"),
    ),
    PlantedBug(
        "retry-after-date-ignored", "poll", "It can't read a date in Retry-After (NaN), and ignores it.",
        (_PY_DATE, "0"), (_TS_DATE, "Number(given) || 0"),
    ),
    PlantedBug(
        "retry-after-date-rounded-down", "poll", "It rounds down the time until the date in Retry-After.",
        (_PY_DATE, "(parsedate_to_datetime(given).timestamp() - time.time()) // 1"),
        (_TS_DATE, "Math.floor((Date.parse(given) - Date.now()) / 1000) || 0"),
    ),
    PlantedBug(
        "retry-after-only-429", "poll", "It heeds Retry-After after 429, but not after 503.",
        (_PY_RETRY_AFTER, _PY_RETRY_AFTER.replace("headers)", "headers) * (answer.status_code == 429)")),
        (_TS_RETRY_AFTER, "answer.status === 429 ? retryAfter(answer.headers) : 0, ![429, 503]"),
    ),
    PlantedBug(
        "retry-after-only-503", "poll", "It heeds Retry-After after 503, but not after 429.",
        (_PY_RETRY_AFTER, _PY_RETRY_AFTER.replace("headers)", "headers) * (answer.status_code != 429)")),
        (_TS_RETRY_AFTER, "answer.status !== 429 ? retryAfter(answer.headers) : 0, ![429, 503]"),
    ),
    PlantedBug(
        "status-code-not-read", "poll", "It doesn't read the HTTP status: the envelope of a 429 is a failed run to it.",
        (_PY_JUDGED, f"""                if text.startswith(b"{{"):
                    return json.loads(text)
{_PY_JUDGED}"""),
        (_TS_JUDGED, f"""        if (text.startsWith("{{")) return JSON.parse(text);
{_TS_JUDGED}"""),
        api="orbit",
    ),
    PlantedBug(
        "error-body-as-result", "cancel", "It looks for `error` in a body, and takes one with `detail` for a success.",
        (_PY_JUDGED, f"""                if b'"detail"' in text:
                    return json.loads(text)
{_PY_JUDGED}"""),
        (_TS_JUDGED, f"""        if (text.includes('"detail"')) return JSON.parse(text);
{_TS_JUDGED}"""),
    ),
    PlantedBug(
        "exit-code-0", "poll", "It prints an error as its result, and ends with 0.",
        (_PY_PRINTED, f"""try:
        {_PY_PRINTED}
    except Failed as error:
        print(json.dumps({{"error": str(error)}}))"""),
        ("actions[JOBMOCK_ACTION]()", "actions[JOBMOCK_ACTION]().catch((error) => ({ error: error.message }))"),
    ),
    PlantedBug(
        "404-polled-on", "poll", "It polls a run that doesn't exist to its deadline.",
        (_PY_TEMPORARY, "TEMPORARY = (404, 408, 425, 429, *range(500, 600))"),
        ("const TEMPORARY = [408, 425, 429];", "const TEMPORARY = [404, 408, 425, 429];"),
        api="orbit",
    ),
    PlantedBug(
        "refused-poll-repeated", "poll", "It repeats a poll that was refused with 401 or 403.",
        (_PY_TEMPORARY, "TEMPORARY = (401, 403, 408, 425, 429, *range(500, 600))"),
        ("const TEMPORARY = [408, 425, 429];", "const TEMPORARY = [401, 403, 408, 425, 429];"),
    ),
    PlantedBug(
        "refused-start-repeated", "start", "It repeats a start that was refused because there are too few credits.",
        (_PY_TEMPORARY, "TEMPORARY = (402, 408, 425, 429, *range(500, 600))"),
        ("const TEMPORARY = [408, 425, 429];", "const TEMPORARY = [402, 408, 425, 429];"),
        api="orbit",
    ),
    PlantedBug(
        "refused-cancel-repeated", "cancel", "It repeats a cancel that was refused.",
        (_PY_TEMPORARY, "TEMPORARY = (408, 409, 425, 429, *range(500, 600))"),
        ("const TEMPORARY = [408, 425, 429];", "const TEMPORARY = [408, 409, 425, 429];"),
    ),
    PlantedBug(
        "key-in-url", "poll", "It sends its key in the URL.",
        (_PY_POLL, _PY_POLL.replace('{job}"', "{job}?api_key={self.http.headers['authorization'][7:]}\"")),
        (_TS_POLL, _TS_POLL.replace("${job}", "${job}?api_key=${this.settings.key}")),
    ),
    PlantedBug(
        "lost-start-repeated", "start", "It repeats a start whose answer was lost.",
        ('{"query": query, **limit}, again=False)', '{"query": query, **limit})'),
        ("{ query, ...limit }, false)", "{ query, ...limit })"),
    ),
    PlantedBug(
        "start-repeated-after-500", "start", "It repeats a start that was answered with 500, and may have succeeded.",
        (_PY_RETRY_AFTER, _PY_RETRY_AFTER.replace("(429, 503)", "(429, 500, 503)")),
        (_TS_RETRY_AFTER, _TS_RETRY_AFTER.replace("[429, 503]", "[429, 500, 503]")),
    ),
    PlantedBug(
        "refused-start-not-repeated", "start", "It gives up at a start that was refused with 429 or 503.",
        (_PY_RETRY_AFTER, _PY_RETRY_AFTER.replace("answer.status_code not in (429, 503)", "True")),
        (_TS_RETRY_AFTER + ".includes(answer.status)", "retryAfter(answer.headers), true"),
    ),
    PlantedBug(
        "lost-more-repeated", "more", "It repeats a request for more people whose answer was lost.",
        ("/more\", limit, again=False)", '/more", limit)'), ("/more`, limit, false)", "/more`, limit)"),
    ),
    PlantedBug(
        "new-request-id", "start", "It makes a new `requestId` for each attempt of a start.",
        (_PY_REQUEST, f"""                if body and "requestId" in body:
                    body = {{**body, "requestId": str(uuid.uuid4())}}
{_PY_REQUEST}"""),
        (_TS_REQUEST, f"""        if (body?.requestId) body = {{ ...body, requestId: randomUUID() }};
{_TS_REQUEST}"""),
        api="orbit",
    ),
    PlantedBug(
        "limit-not-sent", "start", "It doesn't send the limit, so that more people are found and paid than wanted.",
        ('{"query": query, **limit}', '{"query": query}'), ("{ query, ...limit }", "{ query }"),
    ),
)  # fmt: skip
