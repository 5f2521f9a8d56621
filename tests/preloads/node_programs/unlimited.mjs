// Sends one request without any limit, and prints how it ended. The argument is a job.

const before = Date.now();
const headers = { authorization: `Bearer ${process.env.MOCK_KEY}` };
try {
  await fetch(`${process.env.MOCK_URL}/api/search/deep_research/${process.argv[2]}`, { headers });
} catch (error) {
  console.log(JSON.stringify({ code: error.cause.code, after: Date.now() - before }));
}
