/** Reads the server's events with fetch, which can send the token, and connects again when the stream ends. */

import { ControlError, fetched } from "./control_calls.js";

const SILENCE = 40_000;
const LONGEST_WAIT = 15;

/** Call `onState` with each state, and `onLive` with true, or with false and the reason. Never returns. */
export async function readEvents(onState, onLive) {
  for (let wait = 1; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    let reason = "The stream ended.";
    try {
      await readStream((state) => {
        wait = 0.5;
        onLive(true);
        onState(state);
      });
    } catch (error) {
      reason = error instanceof ControlError ? error.message : "The server can't be reached.";
      if (error.status === 503) wait = LONGEST_WAIT;
    }
    const seconds = Math.max(wait, 1);
    onLive(false, `${reason} Next try in ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

async function readStream(onState) {
  const controller = new AbortController();
  const response = await fetched("events", undefined, controller.signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await withinSilence(reader.read(), controller);
    if (done) return;
    const events = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = events.pop();
    events.map(dataOf).filter(Boolean).forEach((data) => onState(JSON.parse(data)));
  }
}

/** The server sends a comment every 15 s. A connection that is silent for longer is dead. */
function withinSilence(reading, controller) {
  const timer = setTimeout(() => controller.abort(), SILENCE);
  return reading.finally(() => clearTimeout(timer));
}

function dataOf(event) {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(5).trimStart()).join("\n");
}
