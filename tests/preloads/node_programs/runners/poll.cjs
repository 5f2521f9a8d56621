// Polls a job every five seconds until it has ended. The job is in the environment: a runner's tests get no arguments.

const base = process.env.MOCK_URL;
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };

exports.poll = async function poll() {
  const before = Date.now();
  let polls = 0;
  for (;;) {
    polls += 1;
    const response = await fetch(`${base}/api/search/deep_research/${process.env.MOCK_JOB}`, {
      headers, signal: AbortSignal.timeout(30_000),
    });
    const { status } = await response.json();
    if (status === "completed") break;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  return [polls, Date.now() - before, new Date() - before];
};
