/** How times, numbers and ids are written. */

const two = (number) => String(number).padStart(2, "0");

export const count = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

export const grouped = (number) => number.toLocaleString("en");

/** `0:04.5`, `15:00`, `1:02:03`, `3 d 01:02:03`: the time since the clock began. */
export function elapsed(seconds, digits = 1) {
  const sign = seconds < 0 ? "−" : "";
  const unit = 10 ** digits;
  const all = Math.round(Math.abs(seconds) * unit);
  const whole = Math.floor(all / unit);
  const rest = digits ? `.${String(all % unit).padStart(digits, "0")}` : "";
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const tail = `${two(whole % 60)}${rest}`;
  if (days) return `${sign}${days} d ${two(hours)}:${two(minutes)}:${tail}`;
  return hours ? `${sign}${hours}:${two(minutes)}:${tail}` : `${sign}${minutes}:${tail}`;
}

/** `7 s`, `0.25 s`, `2 min 5 s`, `3 h 4 min`, `2 d 1 h`. */
export function duration(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const whole = Math.round(seconds);
  const first = parts.findIndex(([size]) => whole >= size);
  return parts
    .slice(first, first + 2)
    .map(([size, name], index) => [Math.floor((index ? whole % parts[first][0] : whole) / size), name])
    .filter(([number]) => number)
    .map((pair) => pair.join(" "))
    .join(" ");
}

/** `2026-11-27 17:31:14.618 UTC`, with fewer digits if wanted. */
export function utc(seconds, digits = 3) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString().replace("T", " ").replace("Z", "");
  return `${digits ? text : text.replace(/\.\d+$/, "")} UTC`;
}

/** The first part of a UUID, or a text cut at 20 characters. */
export function shortId(id) {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(id)) return id.slice(0, 8);
  return id.length > 20 ? `${id.slice(0, 19)}…` : id;
}

/** The path of a request with its query. */
export const target = (exchange) => exchange.path + (exchange.query ? `?${exchange.query}` : "");
