"use strict";
// Decides where a connection goes: calls for the real hosts go to the mock, all others where they want to.

const settings = require("./settings.cjs");

const LOOPBACK = "127.0.0.1";
const LOOPBACK_HOST = /^(?:localhost|(?:.*\.)?localhost|127(?:\.\d+){1,3}|::1|\[::1\]|::ffff:127(?:\.\d+){3})$/i;

/** Return the mock's port for a real host, or undefined. */
function mockPort(host) {
  return typeof host === "string" ? settings.hosts.get(host.toLowerCase().replace(/\.$/, "")) : undefined;
}

/** Return whether a host is this machine. */
function isLoopback(host) {
  return host === undefined || host === null || LOOPBACK_HOST.test(host);
}

/** Return the options of a connection as they should be, and whether they lead to the mock. Throws if it is refused. */
function route(options) {
  if (options.path) return { options, isMock: false };
  const port = mockPort(options.host);
  if (port !== undefined) {
    const { lookup, family, ...others } = options;
    return { options: { ...others, host: LOOPBACK, port }, isMock: true };
  }
  if (isLoopback(options.host)) return { options, isMock: settings.ports.has(Number(options.port)) };
  if (settings.noNetwork) throw refusal(options);
  return { options, isMock: false };
}

/** Return the error of a connection that isn't allowed. */
function refusal({ host, port }) {
  const error = new Error(`jobmock: no network: a connection to ${host}:${port} was refused`);
  return Object.assign(error, { code: "ECONNREFUSED", syscall: "connect", address: host, port });
}

module.exports = { mockPort, route };
