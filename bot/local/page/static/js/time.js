/** Times in words, and relative ones that stay right. */

const of = (options) => new Intl.DateTimeFormat(undefined, options);
const FORMATS = {
  t: of({ timeStyle: "short" }),
  T: of({ timeStyle: "medium" }),
  d: of({ dateStyle: "short" }),
  D: of({ dateStyle: "long" }),
  f: of({ dateStyle: "long", timeStyle: "short" }),
  F: of({ dateStyle: "full", timeStyle: "short" }),
  s: of({ dateStyle: "short", timeStyle: "short" }),
  S: of({ dateStyle: "short", timeStyle: "medium" }),
};
const STEPS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** Write a time in one of Discord's styles: t T d D f F s S R. */
export const written = (at, style = "f") =>
  style === "R" ? fromNow(at) : (FORMATS[style] ?? FORMATS.f).format(at);

/** "3 minutes ago", "in an hour". */
export function fromNow(at, now = Date.now()) {
  const seconds = (at - now) / 1000;
  const [unit, length] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS.at(-1);
  return relative.format(Math.round(seconds / length), unit);
}

/** As Discord heads messages: the time today, else the date and the time. */
export function heading(at) {
  if (dayOf(at) === dayOf(Date.now())) return `Today at ${written(at, "t")}`;
  if (dayOf(at) === dayOf(Date.now() - 86_400_000)) return `Yesterday at ${written(at, "t")}`;
  return written(at, "s");
}

export const dayOf = (at) => new Date(at).toDateString();
export const dayName = (at) => written(at, "D");

/** "59:07" or "1:02:03". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Bytes as people say them. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2
    ? `${(bytes / 1024).toFixed(1)} KB`
    : `${(bytes / 1024 ** 2).toFixed(2)} MB`;
}

setInterval(() => {
  for (const each of document.querySelectorAll("time[data-relative]")) {
    each.textContent = fromNow(Date.parse(each.dateTime));
  }
}, 15_000);
