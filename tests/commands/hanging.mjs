// Sends a request and waits for its answer without any limit of time.

import http from "node:http";

const { CLADO_BASE_URL: base, CLADO_API_KEY: key, CLADO_JOB_ID: job } = process.env;
const headers = { authorization: `Bearer ${key}` };
http.get(`${base}/api/search/deep_research/${job}`, { headers }, (response) => response.resume());
