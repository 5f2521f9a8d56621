/** Reads the server's events with fetch, which can send the token, and connects again when the stream ends. */

import { send } from "./control_calls.js";
import { sentenceOf } from "./messages.js";

/** The server sends a comment every 15 s. */
const SILENCE = 40_000;
const LONGEST_WAIT = 15;

/** Call `onState` with each state, and `onLive` with true, or with false and the reason. */
export async function readEvents(onState, onLive) {
  for (let wait = 1; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    let reason = "The stream ended.";
    try {
      await readStream((state) => {
        wait = 1;
        onLive(true);
        onState(state);
      });
    } catch (error) {
      reason = sentenceOf(error);
      if (error.status === 503) wait = LONGEST_WAIT;
    }
    onLive(false, `${reason} Next try in ${wait} s.`);
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

async function readStream(onState) {
  const controller = new AbortController();
  const { body } = await send("GET", "events", { signal: controller.signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const timer = setTimeout(() => controller.abort(), SILENCE);
    const { value, done } = await reader.read();
    clearTimeout(timer);
    if (done) return;
    const events = (rest + value).replaceAll("\r", "").split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const lines = event.split("\n").filter((line) => line.startsWith("data:"));
      if (lines.length) onState(JSON.parse(lines.map((line) => line.slice(5)).join("\n")));
    }
  }
}
