// Sends a number of polls, and prints status and duration of each. Arguments: a job, the number. Obeys Retry-After.

const [job, number] = process.argv.slice(2);
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };
const laps = [];
for (let poll = 0; poll < Number(number); poll++) {
  const before = Date.now();
  const lap = { status: null };
  let pause = 0;
  try {
    const response = await fetch(`${process.env.MOCK_URL}/api/search/deep_research/${job}`, { headers });
    await response.text();
    lap.status = response.status;
    pause = Number(response.headers.get("retry-after") ?? 0);
  } catch {}
  laps.push({ ...lap, took: Date.now() - before });
  if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause * 1000));
}
console.log(JSON.stringify(laps));
