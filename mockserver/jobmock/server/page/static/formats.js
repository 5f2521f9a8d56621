/** How times, numbers and ids are written. */

export const grouped = (number) => number.toLocaleString("en");

export const count = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

/** `0:04.5`, `15:00`, `1:02:03`, `3 d 01:02:03`: the time since the clock began. */
export function elapsed(seconds, digits = 1) {
  const all = Math.round(Math.abs(seconds) * 10 ** digits);
  const whole = Math.floor(all / 10 ** digits);
  const rest = digits ? `.${String(all).padStart(digits, "0").slice(-digits)}` : "";
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const start = days ? `${days} d ${two(hours)}:${two(minutes)}` : hours ? `${hours}:${two(minutes)}` : minutes;
  return `${seconds < 0 ? "−" : ""}${start}:${two(whole % 60)}${rest}`;
}

/** `0.25 s`, `2 min 5 s`, `3 h 4 min`: the two largest units. */
export function duration(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  let rest = Math.round(seconds);
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].map(([size, name]) => {
    const number = Math.floor(rest / size);
    rest %= size;
    return number ? `${number} ${name}` : "";
  });
  const first = parts.findIndex(Boolean);
  return parts.slice(first, first + 2).filter(Boolean).join(" ");
}

/** `2026-11-27 17:31:14.618 UTC` */
export function utc(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().replace("T", " ").slice(0, -1)} UTC`;
}

/** The first part of a UUID, or a text cut at 20 characters. */
export function shortId(id) {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(id)) return id.slice(0, 8);
  return id.length > 20 ? `${id.slice(0, 19)}…` : id;
}

export const requestLine = ({ method, path, query }) => `${method} ${path}${query ? `?${query}` : ""}`;
