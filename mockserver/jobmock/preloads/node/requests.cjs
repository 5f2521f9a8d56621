"use strict";
// The requests of this process that aren't answered yet, as Node's and undici's clients report them.

const { subscribe } = require("node:diagnostics_channel");

const unanswered = new Set();

/** Follow the requests. The function is called when one begins or ends. */
function install(onChange) {
  const begin = (request) => {
    unanswered.add(request);
    onChange();
  };
  const end = (request) => {
    unanswered.delete(request);
    onChange();
  };
  subscribe("http.client.request.start", ({ request }) => {
    begin(request);
    request.once("close", () => end(request));
  });
  subscribe("undici:request:create", ({ request }) => begin(request));
  subscribe("undici:request:trailers", ({ request }) => end(request));
  subscribe("undici:request:error", ({ request }) => end(request));
}

/** Return whether there is one. */
function any() {
  return unanswered.size > 0;
}

module.exports = { install, any };
