// Run it: jobmock run -- npx vitest run
import { expect, test } from "vitest";

import { Client, RunFailed, TooLate, type Settings } from "./client.ts";

const { ORBIT_BASE_URL = "", ORBIT_API_KEY = "", JOBMOCK_CONTROL_URL = "" } = process.env;

// A key of its own gives each test runs and a journal of its own. The text behind `--` names the scenario.
function client(scenario: string, settings: Partial<Settings> = {}): Client {
  const key = `${ORBIT_API_KEY}-${scenario}--${scenario}`;
  return new Client({ url: ORBIT_BASE_URL, key, ...settings });
}

async function brokenRules({ settings }: Client, outcome: "returned" | "raised"): Promise<string[]> {
  const headers = { Authorization: `Bearer ${settings.key}` };
  const answer = await fetch(`${JOBMOCK_CONTROL_URL}/__jobmock/findings?outcome=${outcome}`, { headers });
  const { findings } = (await answer.json()) as { findings: { rule: string; evidence: string }[] };
  return findings.map(({ rule, evidence }) => `${rule}: ${evidence}`);
}

const FOUND = ["usual", "partial", "rate-limited-once", "tight-limits", "unavailable-once", "lost-answers"];
test.for([...FOUND, "lost-start"])("finds the person in %s", { timeout: 60_000 }, async (scenario) => {
  const tried = client(scenario);
  const run = await tried.findPerson("someone@mail.invalid");
  expect(run.result?.id).toBeTruthy();
  expect(await brokenRules(tried, "returned")).toEqual([]);
});

const ERRORS = [["not-retryable", RunFailed], ["readiness-timeout", RunFailed], ["not-found", Error]] as const;
test.for(ERRORS)("says that there is no result in %s", { timeout: 60_000 }, async ([scenario, error]) => {
  const tried = client(scenario);
  await expect(tried.findPerson("someone@mail.invalid")).rejects.toThrow(error);
  expect(await brokenRules(tried, "raised")).toEqual([]);
});

test("gives up at its deadline", { timeout: 60_000 }, async () => {
  await expect(client("slow", { deadline: 60 }).findPerson("someone@mail.invalid")).rejects.toThrow(TooLate);
});
