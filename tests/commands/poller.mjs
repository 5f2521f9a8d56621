// Polls a job of Clado to its end, each five seconds or so many as an argument says. Prints how often, and how many seconds
// have passed for it.

const { CLADO_BASE_URL: base, CLADO_API_KEY: key } = process.env;
const jobs = `${base}/api/search/deep_research`;
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

const began = Date.now();
const started = await fetch(jobs, { method: "POST", headers, body: '{"query": "chemists"}' });
const { job_id: job } = await started.json();
let polls = 0;
for (let status; !["completed", "error", "cancelled"].includes(status); ) {
  if (polls) await new Promise((done) => setTimeout(done, 1000 * (process.argv[2] ?? 5)));
  ({ status } = await (await fetch(`${jobs}/${job}`, { headers })).json());
  polls += 1;
}
console.log(`${polls} polls in ${(Date.now() - began) / 1000} s`);
