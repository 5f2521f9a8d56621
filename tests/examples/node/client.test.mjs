// Run it: jobmock run -- node --test
import assert from "node:assert/strict";
import test from "node:test";

import { Client, JobFailed, TooLate } from "./client.mjs";

const { CLADO_BASE_URL: url, CLADO_API_KEY, JOBMOCK_CONTROL_URL } = process.env;

// A key of its own gives each test jobs and a journal of its own. The text behind `--` names the scenario.
function client(scenario, settings = {}) {
  return new Client({ url, key: `${CLADO_API_KEY}-${scenario}--${scenario}`, ...settings });
}

async function brokenRules({ key }, outcome) {
  const headers = { Authorization: `Bearer ${key}` };
  const answer = await fetch(`${JOBMOCK_CONTROL_URL}/__jobmock/findings?outcome=${outcome}`, { headers });
  const { findings } = await answer.json();
  return findings.map(({ rule, evidence }) => `${rule}: ${evidence}`);
}

const PEOPLE = { "two-pages": 47, nobody: 0, "rate-limited-once": 3, "unavailable-once": 3, "lost-answers": 12 };
for (const [scenario, count] of Object.entries(PEOPLE)) {
  test(`finds ${count} people in ${scenario}`, async () => {
    const tried = client(scenario);
    const people = await tried.findPeople("chemists in Graz");
    assert.equal(new Set(people.map(({ profile }) => profile.id)).size, count);
    assert.deepEqual(await brokenRules(tried, "returned"), []);
  });
}

const ERRORS = { "job-error": JobFailed, "unknown-status": JobFailed };
for (const [scenario, error] of Object.entries(ERRORS)) {
  test(`says that there is no result in ${scenario}`, async () => {
    const tried = client(scenario);
    await assert.rejects(tried.findPeople("chemists in Graz"), error);
    assert.deepEqual(await brokenRules(tried, "raised"), []);
  });
}

test("gives up at its deadline", async () => {
  await assert.rejects(client("stuck", { deadline: 60 }).findPeople("chemists in Graz"), TooLate);
});
