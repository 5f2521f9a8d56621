// Polls a job in a worker thread. The argument is the job.

import { Worker } from "node:worker_threads";

new Worker(new URL("poller.mjs", import.meta.url), { argv: ["fetch", process.argv[2]] });
