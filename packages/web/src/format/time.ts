const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time in its two largest units: `45 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. Negative lengths read as `0 s`. */
export function durationText(lengthMs: number): string {
  const length = Math.max(0, lengthMs);
  if (length < MINUTE_MS) return `${Math.round(length / 1000)} s`;
  if (length < HOUR_MS) return `${Math.floor(length / MINUTE_MS)} min`;
  if (length < DAY_MS) return pair(length, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return pair(length, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

function pair(length: number, [largeMs, large]: readonly [number, string], [smallMs, small]: readonly [number, string]): string {
  const rest = Math.floor((length % largeMs) / smallMs);
  const head = `${Math.floor(length / largeMs)} ${large}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}

/** `just now` under ten seconds, else `12 min ago`. */
export function agoText(atMs: number, nowMs: number): string {
  return nowMs - atMs < 10_000 ? 'just now' : `${durationText(nowMs - atMs)} ago`;
}

/** Local time of day, `14:02:10`; `seconds: false` leaves them out. */
export function clockText(atMs: number, options: { readonly seconds?: boolean } = {}): string {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return options.seconds === false ? minutes : `${minutes}:${two(date.getSeconds())}`;
}

/** Local date and time for a tooltip or a table that may span days. */
export function dateTimeText(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockText(atMs)}`;
}
