"use strict";
// What `jobmock run` says to its child in the environment.

/** Return the number of nanoseconds that a variable holds, or undefined if it isn't set. */
function nanoseconds(name) {
  const text = process.env[name];
  return text ? BigInt(text) : undefined;
}

const url = process.env.JOBMOCK_TIME_URL ? new URL(process.env.JOBMOCK_TIME_URL) : null;

module.exports = {
  /** The address of the clock's control calls; null if the process doesn't take part in virtual time. */
  timeUrl: url,
  key: process.env.JOBMOCK_TIME_KEY ?? "",
  /** The mock's ports on this machine. */
  ports: new Set((process.env.JOBMOCK_TIME_PORTS ?? url?.port ?? "").split(",").filter(Boolean).map(Number)),
  /** The mock's port for each real host. */
  hosts: new Map(Object.entries(JSON.parse(process.env.JOBMOCK_HOSTS || "{}"))),
  noNetwork: process.env.JOBMOCK_NO_NETWORK === "1",
  /** The clock's start, as nanoseconds since 1970, and its reading when this process was started. */
  start: nanoseconds("JOBMOCK_TIME_START"),
  startedAt: Number(nanoseconds("JOBMOCK_TIME_NOW") ?? 0n),
};
