"use strict";
// The requests of this process that aren't answered yet, as Node's and undici's clients report them.

const { subscribe } = require("node:diagnostics_channel");

/** Requests that were sent, and requests of undici that wait for a connection. */
const sent = new Set();
const unsent = new Set();
let onActivity = () => {};

/** Note that a request isn't waiting for anything any more. */
function end(request) {
  sent.delete(request);
  unsent.delete(request);
  onActivity();
}

/** Follow the requests. The function is called when one ends. */
function install(onEnd) {
  onActivity = onEnd;
  subscribe("http.client.request.start", ({ request }) => {
    sent.add(request);
    request.once("close", () => end(request));
  });
  subscribe("undici:request:create", ({ request }) => {
    unsent.add(request);
    onActivity();
  });
  subscribe("undici:client:sendHeaders", ({ request }) => {
    if (unsent.delete(request)) sent.add(request);
  });
  subscribe("undici:request:trailers", ({ request }) => end(request));
  subscribe("undici:request:error", ({ request }) => end(request));
}

/** Return whether an answer is awaited. */
function anySent() {
  return sent.size > 0;
}

/** Return whether a request is about to be sent. Behind another one that is under way it may wait for long. */
function anyAboutToBeSent() {
  return unsent.size > 0 && sent.size === 0;
}

module.exports = { install, anySent, anyAboutToBeSent };
